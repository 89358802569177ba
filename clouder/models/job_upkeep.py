"""Upkeep: what scheduled actions ask for in bulk, and nobody waits for.

It comes after what people ask for: in the queue, which it fills by half at most, and on
the nodes, where it leaves a place free.
"""

import datetime
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from . import job_context
from .job_queue import PRIORITY, QueueFull

_logger = logging.getLogger(__name__)

# When a full queue is tried again.
AGAIN_HOURS = 1


def turn_began(cron):
    """Return the moment at which a scheduled action was due the last time.

    :param cron: a record of ``ir.cron``; it may run between, too, when it is triggered
    """
    if cron.nextcall <= fields.Datetime.now():
        return cron.nextcall
    interval = {cron.interval_type: cron.interval_number}
    return fields.Datetime.subtract(cron.nextcall, **interval)


class ClouderJob(models.Model):
    _inherit = "clouder.job"

    upkeep = fields.Boolean(
        help="A scheduled action asked for it: what people wait for comes first."
    )

    def _hasten(self):
        """Have these jobs wait like any other: somebody asked for the same."""
        waiting = self.filtered(
            lambda job: job.upkeep and job.state in ("pending", "retrying")
        )
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

    def _left_in_turn(self, action, began):
        """Return those of these records that had no upkeep ``action`` in this turn.

        Those whose last one is the longest ago come first: when the queue is full day
        after day, everybody has his turn all the same.

        :param datetime began: when the turn began
        """
        # sudo: only what was asked is told; jobs are Clouder's own
        jobs = self.env["clouder.job"].sudo()
        asked = dict(
            jobs._read_group(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("action", "=", action),
                    ("upkeep", "=", True),
                ],
                ["res_id"],
                ["create_date:max"],
            )
        )
        never = datetime.datetime.min
        left = self.filtered(lambda one: asked.get(one.id, never) < began)
        return left.sorted(lambda one: asked.get(one.id, never))

    def _keep_up(self, action, ask, cron):
        """Ask for ``action`` on each of these records, once in a turn.

        Those for which the queue has no room have their turn in an hour.

        :param ask: called with each record
        :param str cron: the id of the scheduled action that does so
        """
        crons, own = self.env["ir.cron"], self.env.ref(cron)
        left = self._left_in_turn(action, turn_began(own))._for_upkeep()
        crons._commit_progress(remaining=len(left))
        for record in left:
            try:
                ask(record)
            except QueueFull as error:
                _logger.info("The %s of the others has to wait: %s", action, error)
                now = fields.Datetime.now()
                at = fields.Datetime.add(now, hours=AGAIN_HOURS)
                own._trigger(at)
                crons._commit_progress(remaining=0)
                return
            except UserError as error:
                name = record.display_name
                _logger.warning("No %s of %s: %s", action, name, error)
            if not crons._commit_progress(1):
                return
