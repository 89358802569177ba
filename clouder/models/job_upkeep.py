"""Upkeep: what scheduled actions ask for in bulk, and nobody waits for.

It comes after what people ask for: in the queue, which it fills by half at most, and on
the nodes, where it leaves a place free.
"""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from . import job_context
from .job_queue import PRIORITY, QueueFull

_logger = logging.getLogger(__name__)

# After that the next nightly turn may begin.
TURN_HOURS = 12
# When a full queue is tried again.
AGAIN_HOURS = 1


def turn_began():
    """Return the moment since which what was done belongs to the present turn."""
    return fields.Datetime.subtract(fields.Datetime.now(), hours=TURN_HOURS)


class ClouderJob(models.Model):
    _inherit = "clouder.job"

    upkeep = fields.Boolean(
        help="A scheduled action asked for it: what people wait for comes first."
    )

    def _hasten(self):
        """Have these jobs wait like any other: somebody asked for the same."""
        waiting = self.filtered(lambda job: job.upkeep and job.state != "running")
        waiting.upkeep = False
        for job in waiting:
            job._queued().priority = PRIORITY

    @api.model
    def _is_in_upkeep(self):
        """Tell whether the running code belongs to a job of upkeep."""
        running = job_context.current()
        return bool(running) and self.browse(running.job_id).upkeep


class ClouderJobMixin(models.AbstractModel):
    _inherit = "clouder.job.mixin"

    def _for_upkeep(self):
        """Return these records so that jobs asked for on them are upkeep."""
        return self.with_context(clouder_upkeep=True)

    def _not_asked_yet(self, action):
        """Return those of these records that had no upkeep ``action`` in this turn."""
        # sudo: only what was asked is told; jobs are Clouder's own
        jobs = self.env["clouder.job"].sudo()
        asked = jobs._read_group(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("action", "=", action),
                ("upkeep", "=", True),
                ("create_date", ">", turn_began()),
            ],
            ["res_id"],
        )
        return self - self.browse(res_id for [res_id] in asked)

    def _keep_up(self, action, ask, cron):
        """Ask for ``action`` on each of these records, once in a turn.

        Those for which the queue has no room have their turn in an hour.

        :param ask: called with each record
        :param str cron: the id of the scheduled action that does so
        """
        crons, left = self.env["ir.cron"], self._not_asked_yet(action)._for_upkeep()
        crons._commit_progress(remaining=len(left))
        for record in left:
            try:
                ask(record)
            except QueueFull as error:
                _logger.info("The %s of the others has to wait: %s", action, error)
                now = fields.Datetime.now()
                at = fields.Datetime.add(now, hours=AGAIN_HOURS)
                self.env.ref(cron)._trigger(at)
                crons._commit_progress(remaining=0)
                return
            except UserError as error:
                name = record.display_name
                _logger.warning("No %s of %s: %s", action, name, error)
            if not crons._commit_progress(1):
                return
