import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from .job_queue import QueueFull

_logger = logging.getLogger(__name__)

HOURS_AFTER_FAILURE = 20


class ClouderBase(models.Model):
    """Bases follow the code of their service, also those that missed its update."""

    _inherit = "clouder.base"

    def _follows_code(self):
        """Tell whether this base has databases that new code must be brought to."""
        return (
            bool(self.deployed_at)
            and self.state in ("running", "suspended", "stopped", "failed")
            and self.wanted != "purged"
        )

    @api.model
    def _cron_follow(self):
        """Queue the update of the bases that missed a change of their service's code."""
        for base in self._behind()._for_upkeep():
            try:
                base._enqueue("update")
            except QueueFull:
                break
            except UserError as error:
                _logger.info("Base %s is not updated now: %s", base.fulldomain, error)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _behind(self):
        """Return the bases with older code whose service runs and updates its bases."""
        behind = self.browse()
        services = self.env["clouder.service"].search(
            [("base_ids", "!=", False), ("state", "=", "running")]
        )
        for service in services:
            if any(service._tree().mapped("application_id.update_bases")):
                behind |= service._bases_behind()
        return behind.filtered(lambda one: not one._failed_lately())

    def _failed_lately(self):
        """Tell whether an update of this base failed within the last day."""
        job = self.last_job_id
        limit = fields.Datetime.subtract(
            fields.Datetime.now(), hours=HOURS_AFTER_FAILURE
        )
        return (
            (job.action, job.state) == ("update", "failed")
            and bool(job.ended_at)
            and job.ended_at > limit
        )


class ClouderService(models.Model):
    _inherit = "clouder.service"

    def _bases_behind(self):
        """Return the bases of this service that were not brought to its code."""
        code = self._driver().service_code(self)
        if not code:
            return self.base_ids.browse()
        bases = self.env["clouder.base"].search(
            [("service_id", "=", self.id), ("code_digest", "not in", (False, code))]
        )
        return bases.filtered(lambda one: one._follows_code())
