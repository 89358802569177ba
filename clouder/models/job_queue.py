import logging

import psycopg2.errors

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

from odoo.addons.queue_job.exception import RetryableJobError

from .job_run import JobRun
from .job_wait import NodeFull

_logger = logging.getLogger(__name__)


STARTED_JOBS = SQL(
    """
    SELECT uuid FROM queue_job
    WHERE state = 'started' AND model_name = 'clouder.job'
    """
)
# A worker holds the row of its job in queue_job_lock for as long as it lives. The two
# seconds cover the moment between starting a job and taking that row; they are counted
# from now on, not from the begin of the transaction in which the server loads.
DEAD_JOB = """
    UPDATE queue_job SET state = 'pending', date_enqueued = NULL, date_started = NULL
    WHERE uuid = %s AND state = 'started'
      AND date_started < (clock_timestamp() AT TIME ZONE 'utc') - INTERVAL '2 seconds'
      AND id IN (
          SELECT queue_job_id FROM queue_job_lock
          WHERE queue_job_lock.queue_job_id = queue_job.id
          FOR NO KEY UPDATE SKIP LOCKED
      )
    RETURNING uuid
"""


# Of the workers that the channels of the queue allow, so many work on one node.
NODE_JOBS = 4
MAX_PAUSE_S = 60
# The queue takes the lower number first; ten is what it gives whatever names none.
PRIORITY = 10
UPKEEP_PRIORITY = 20


def pause_among(waiting):
    """Return the seconds after which one of so many asks again.

    The more there are, the rarer each of them asks: asking costs the processor, too.
    """
    return min(1 + waiting // 8, MAX_PAUSE_S)


class QueueFull(UserError):
    """No further job is taken before some of the waiting ones have ended."""


class ClouderJob(models.Model):
    """The bridge between a job and the queue that runs it."""

    _inherit = "clouder.job"

    def _register_hook(self):
        """Take up at once, at the start of a server, the jobs that a killed one left.

        The queue itself does so too, but only after a minute in which nothing happens.
        """
        super()._register_hook()
        self.env.flush_all()
        for (uuid,) in self.env.execute_query(STARTED_JOBS):
            if self._take_up(uuid):
                _logger.info("Job %s was left by a worker that died: it goes on", uuid)

    def _take_up(self, uuid):
        """Have the queue run a job again whose worker is dead.

        :return: whether it was; one that its worker ends at this moment is alive
        """
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                return bool(self.env.execute_query(SQL(DEAD_JOB, uuid)))
        except psycopg2.errors.SerializationFailure:
            return False

    def _check_room(self, upkeep=False):
        """Raise QueueFull when too many jobs are waiting already.

        :param bool upkeep: for a job that nobody waits for: half of the queue is kept
            free of these
        """
        # sudo: a system parameter of the settings
        parameters = self.env["ir.config_parameter"].sudo()
        limit = int(parameters.get_param("clouder.job_queue_limit", 1000))
        room = (limit + 1) // 2 if upkeep else limit
        # sudo: only counted: the queue is everybody's
        waiting = self.sudo().search_count([("state", "=", "pending")], limit=room)
        if waiting < room:
            return
        if upkeep:
            raise QueueFull(
                self.env._(
                    "Half of the job queue is in use: %(room)s jobs are waiting. The "
                    "other half is kept for what people ask for: this is done later.",
                    room=room,
                )
            )
        raise QueueFull(
            self.env._(
                "The job queue is full: %(limit)s jobs are waiting. Try again "
                "when some have ended, or raise the limit in the settings.",
                limit=limit,
            )
        )

    def _queue(self):
        """Have the queue run these jobs once the transaction commits."""
        # sudo: callers check; jobs are written by Clouder alone
        for job in self.sudo():
            channel = f"root.node_{job.node_id.id}" if job.node_id else "root"
            delayed = job.with_delay(
                channel=channel,
                description=job.name,
                max_retries=0,
                priority=UPKEEP_PRIORITY if job.upkeep else PRIORITY,
            )._perform()
            job.queue_uuid = delayed.uuid

    def _queue_cancel(self):
        """Take a waiting job out of the queue."""
        # sudo: callers check; the queue has no rights for users
        self.env["queue.job"].sudo().search(
            [("uuid", "in", self.mapped("queue_uuid")), ("state", "!=", "done")]
        ).filtered(lambda queued: queued.state != "started").button_cancelled()

    def _check_place(self):
        """Raise NodeFull when as many other jobs run on the node of this one as may.

        Without a limit a node that answers nobody would in time hold all workers.
        Upkeep leaves one of the places to what people wait for.
        """
        if not self.node_id:
            return
        # sudo: a system parameter of the settings
        parameters = self.env["ir.config_parameter"].sudo()
        limit = max(int(parameters.get_param("clouder.node_jobs", NODE_JOBS)), 1)
        there = [*self._others(), ("state", "=", "running")]
        running = self.search_count(there, limit=limit)
        if self.upkeep and running < limit:
            limit = max(limit - 1, 1)
            running = self.search_count([*there, ("upkeep", "=", True)], limit=limit)
        if running < limit:
            return
        waiting = [*self._rivals(), ("state", "in", ("pending", "retrying"))]
        raise NodeFull(
            self.env._(
                "Waits for its turn: %(limit)s jobs run on node %(node)s.",
                limit=limit,
                node=self.node_id.name,
            ),
            seconds=pause_among(self.search_count(waiting)),
        )

    def _others(self):
        """Return the domain of the other jobs on the node of this one."""
        return [("node_id", "=", self.node_id.id), ("id", "!=", self.id)]

    def _rivals(self):
        """Return the domain of the other jobs on its node that this one must mind.

        However much upkeep waits, what people ask for does not ask more rarely.
        """
        others = self._others()
        return others if self.upkeep else [*others, ("upkeep", "=", False)]

    def _pause(self, awaited):
        """Return after how many seconds this job looks again whether ``awaited`` ended.

        Before that one is tried again there is no use in looking.
        """
        rivals = [*self._rivals(), ("state", "=", "retrying")]
        pause = pause_among(self.search_count(rivals, limit=8 * MAX_PAUSE_S))
        if awaited.state == "retrying" and awaited.next_try:
            left = awaited.next_try - fields.Datetime.now()
            pause = max(pause, min(1 + int(left.total_seconds()), MAX_PAUSE_S))
        return pause

    def _max_attempts(self):
        """Return how often a job is tried while its node or engine cannot be reached."""
        # sudo: a system parameter of the settings
        parameters = self.env["ir.config_parameter"].sudo()
        usual = int(parameters.get_param("clouder.job_max_attempts", 60))
        return min(usual, self._record()._job_attempts(self) or usual)

    def _perform(self):
        """Run the steps of this job that are not done yet (called by the queue).

        It writes nothing in the queue's own transaction: each step has its own.
        """
        self.ensure_one()
        wait = JobRun(self.env.registry, self.id).run()
        if wait is not None:
            raise RetryableJobError(
                wait.reason, seconds=wait.seconds, ignore_retry=True
            )
