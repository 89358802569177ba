import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .job_queue import QueueFull

_logger = logging.getLogger(__name__)

PURGE = "purge_data"
GONE = ("draft", "purged")


class ClouderService(models.Model):
    """A service that was made for one base comes and goes with it."""

    _inherit = "clouder.service"

    own_base_id = fields.Many2one(
        "clouder.base",
        string="Made for",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="It was made for this base alone: once the base is purged and no other one "
        "lives here, this service is purged as well, with its data.",
    )

    def _is_own_of(self, base):
        """Tell whether this service was made for ``base`` and no other one uses it.

        :param base: ``clouder.base``, purged or not
        """
        if not self or self.own_base_id != base:
            return False
        others = self._tree().base_ids - base
        if others.filtered(lambda one: one.state != "purged"):
            return False
        services, bases = self._linked_from()
        return not services and not bases - base

    def _purge_after(self, base):
        """Have this service purged, with its data, when it was there for ``base`` alone.

        One that is busy now is asked again by a scheduled action.
        """
        if self.state in GONE or not self._is_own_of(base):
            return
        try:
            self.purge(data=True)
        except UserError as error:
            self.wanted = "purged"
            _logger.info("Service %s is purged later: %s", self.name, error)

    @api.model
    def _outliving(self):
        """Return the domain of the services whose base is purged, and that are not yet.

        They take their room until they are gone: a limit on what a customer may have
        counts them besides his bases.
        """
        return Domain("own_base_id.state", "=", "purged") & Domain(
            "state", "not in", GONE
        )

    @api.model
    def _cron_purge_outliving(self):
        """Purge the services that could not be when their base was.

        One that somebody has wanted since is left alone, and so is one whose purge
        failed: its job says why, and can be tried again.
        """
        domain = self._outliving() & Domain("wanted", "=", "purged")
        for service in self.search(domain)._for_upkeep():
            if service.last_job_id.action == PURGE:
                continue
            try:
                if service._is_own_of(service.own_base_id):
                    service.purge(data=True)
            except QueueFull:
                break
            except UserError as error:
                _logger.info("Service %s has to wait: %s", service.name, error)
            if not self.env["ir.cron"]._commit_progress(1):
                break


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def restart(self):
        """Restart these bases: the process of a service of its own; of one that is shared
        with others only the links are set up again. Nothing is withdrawn for it.

        :return: the id of the job, as :meth:`deploy`
        :raise UserError: a base is not deployed, or busy with another action
        """
        return super().restart()

    def _job_steps(self, action):
        """Restart the process first where nobody else is served by it."""
        steps = super()._job_steps(action)
        if action != "restart" or not self.service_id._is_own_of(self):
            return steps
        process = self.service_id._exec_service()
        return [(self, "base_service"), (process, "service_restart"), *steps]

    def _job_ended(self, job):
        result = super()._job_ended(job)
        if (job.action, job.state) == ("purge", "done"):
            self.service_id._purge_after(self)
        return result
