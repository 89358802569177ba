"""The live log of one running job."""

import time

from odoo import SUPERUSER_ID, api

from ..lib.errors import JobCancelled
from ..lib.secrets import Masker

FLUSH_SECONDS = 0.25
LINE_LIMIT = 4000


def commit_early(cr):
    """Have the transaction of ``cr`` commit before it is on disk, which is much faster.

    For what may be lost in a power cut. It never overtakes another transaction: what
    is on disk is always whole, only its last moments may be missing.
    """
    cr.execute("SET LOCAL synchronous_commit TO off")


class JobLog:
    """Collects the lines of a job and writes them through a cursor of its own.

    The step's transaction may roll back, and the bus tells browsers only what is
    committed: so lines travel in their own short transactions, a few times a second.
    """

    def __init__(self, registry, job_id):
        self.registry = registry
        self.job_id = job_id
        self.step_id = False
        self.known = {}
        # Set while what a cancelled job left is taken away: that goes on to its end.
        self.ending = False
        self._secrets = set()
        self._masker = Masker()
        self._waiting = []
        self._flushed_at = time.monotonic()

    def know_secret(self, value):
        """Mask ``value`` (str) in every line from now on."""
        if value not in self._secrets:
            self._secrets.add(value)
            self._masker.add(value)

    def mask(self, text):
        """Return ``text`` without the secrets this job has met."""
        return self._masker.mask(text)

    def write(self, text, level="info"):
        """Add ``text`` (one line or several) at ``level`` to the log."""
        for line in self.mask(text).splitlines() or [""]:
            self._waiting.append((self.step_id, level, line[:LINE_LIMIT]))
        if time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()

    def flush(self, tell=True):
        """Write what is waiting.

        :param bool tell: tell the browsers; not needed when something else does
        """
        waiting, self._waiting = self._waiting, []
        self._flushed_at = time.monotonic()
        if not waiting:
            return
        with self.registry.cursor() as cr:
            commit_early(cr)
            # sudo: a cursor of its own, for the log of a running job
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["clouder.job.line"].create(
                [
                    {
                        "job_id": self.job_id,
                        "step_id": step,
                        "level": level,
                        "text": text,
                    }
                    for step, level, text in waiting
                ]
            )
            if tell:
                env["clouder.job"].browse(self.job_id)._notify()

    def check_cancelled(self):
        """Stop the running step when somebody asked to cancel the job.

        :raise JobCancelled: the job was cancelled, and is not being cleared up after yet
        """
        if self.ending:
            return
        with self.registry.cursor() as cr:
            # sudo: a cursor of its own, to see whether the job was cancelled
            env = api.Environment(cr, SUPERUSER_ID, {})
            job = env["clouder.job"].browse(self.job_id)
            if not job.exists() or job.cancel_requested:
                raise JobCancelled(env._("The job was cancelled."))
