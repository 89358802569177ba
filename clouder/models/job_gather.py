"""A step that does along what others have noted waits a moment for them."""

import contextlib

from ..lib.errors import ConditionTimeout
from ..lib.wait import wait_for

GATHER_SECONDS = 3
# As many jobs must be waiting for their turn: fewer are over before it pays.
MANY = 4

ON_THEIR_WAY = """
    SELECT count(*)
      FROM clouder_job_step own
      JOIN clouder_job mine ON mine.id = own.job_id
      JOIN clouder_job job ON job.state = 'running' AND job.id <> mine.id
       AND job.node_id IS NOT DISTINCT FROM mine.node_id
      JOIN clouder_job_step step ON step.job_id = job.id
       AND step.hook = own.hook AND step.state = 'pending'
     WHERE own.id = %s
"""


def gather(registry, step_id):
    """Wait until the jobs that run on the same node have come to the same step.

    Whoever comes last finds nobody on his way and does the work; the others find it
    done. So jobs that were begun together stay together.

    :param registry: of the database
    :param int step_id: of ``clouder.job.step``, which is about to be done
    """

    def look():
        with registry.cursor() as cr:
            cr.execute(ON_THEIR_WAY, [step_id])
            [[coming]] = cr.fetchall()
        return not coming, f"{coming} on their way"

    # Those who take longer come with the next one.
    with contextlib.suppress(ConditionTimeout):
        wait_for("jobs on their way", look, GATHER_SECONDS, max_pause=0.2)
