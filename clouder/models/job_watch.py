"""Jobs whose worker is gone: seen, and ended."""

import logging

from odoo import fields, models
from odoo.tools import SQL

from .job import ACTIVE_STATES

_logger = logging.getLogger(__name__)

QUEUED = ("wait_dependencies", "pending", "enqueued")
# Between starting a job and taking its row in queue_job_lock.
START_SECONDS = 2
LOST_MINUTES = 1
BATCH = 100

LOST = """
    SELECT job.id, queued.state, queued.exc_message
      FROM clouder_job job LEFT JOIN queue_job queued ON queued.uuid = job.queue_uuid
     WHERE job.state IN %s AND job.write_date < %s
       AND (queued.id IS NULL OR queued.state IN ('failed', 'cancelled', 'done'))
     ORDER BY job.id LIMIT %s
"""
KNOWN = "SELECT id FROM queue_job_lock WHERE queue_job_id = %s"
FREE = f"{KNOWN} FOR NO KEY UPDATE SKIP LOCKED"


class ClouderJob(models.Model):
    """A job must not stay active when nobody works on it any more."""

    _inherit = "clouder.job"

    def _has_worker(self):
        """Tell whether a worker is at this job; it holds a lock as long as it lives."""
        self.ensure_one()
        queued = self._queued()
        if queued.state != "started":
            return False
        limit = fields.Datetime.subtract(fields.Datetime.now(), seconds=START_SECONDS)
        if not queued.date_started or queued.date_started >= limit:
            return True
        known = self.env.execute_query(SQL(KNOWN, queued.id))
        return bool(known) and not self.env.execute_query(SQL(FREE, queued.id))

    def _queued(self):
        """Return the queue's own record of this job; it may be gone."""
        # sudo: the queue has no rights for users; only whether somebody works is told
        domain = [("uuid", "=", self.sudo().queue_uuid)]
        # sudo: the queue has no rights for users; only whether somebody works is told
        return self.env["queue.job"].sudo().search(domain, limit=1)

    def _end_surely(self, state, error):
        """End this job, whatever its record says to that."""
        self.ensure_one()
        # What waits to be written is none of the record's doing: should it collide with
        # a worker, the whole call is tried again.
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                self._end(state, error)
        except Exception:
            _logger.exception("The record of job %s could not be told its end", self.id)
            self.env.invalidate_all()
            self._end(state, error, tell=False)

    def _cron_end_lost(self):
        """End the jobs that the queue gave up, or does not know any more."""
        before = fields.Datetime.subtract(fields.Datetime.now(), minutes=LOST_MINUTES)
        self.env.flush_all()
        rows = self.env.execute_query(SQL(LOST, ACTIVE_STATES, before, BATCH))
        for job_id, state, message in rows:
            reason = self.env._(
                "Nobody works on this job any more (in the queue: %(state)s). %(message)s",
                state=state or self.env._("gone"),
                message=message or "",
            )
            # sudo: a scheduled action looks after the jobs of all
            self.browse(job_id).sudo()._end_surely("failed", reason.strip())
            if not self.env["ir.cron"]._commit_progress(1):
                break
