from odoo import api, fields, models
from odoo.fields import Domain

from ..lib.errors import ClouderError
from .job_upkeep import turn_began


class ClouderNode(models.Model):
    """Looked at regularly: whether it answers."""

    _inherit = "clouder.node"

    looked_at = fields.Datetime(readonly=True, copy=False)

    def _look_quietly(self):
        """Look at these nodes; one that does not answer is noted as offline."""
        for node in self:
            try:
                node._look()
            except ClouderError as error:
                node._note_offline(str(error))
            node.looked_at = fields.Datetime.now()


class ClouderService(models.Model):
    """Looked at regularly: what its container shows."""

    _inherit = "clouder.service"

    @api.model
    def _cron_observe(self):
        """Look at the nodes and at what runs there, each once in a turn.

        Who was not looked at for the longest time comes first; what there is no time for
        is announced, so that the scheduled action goes on with it at once.
        """
        crons = self.env["ir.cron"]
        began = turn_began(self.env.ref("clouder.clouder_service_cron_observe"))
        nodes = self._to_look_at(
            self.env["clouder.node"], "looked_at", began, [("service_ids", "!=", False)]
        )
        services = self._to_look_at(
            self,
            "observed_at",
            began,
            [("state", "in", ("running", "stopped", "failed"))],
        ).filtered(lambda one: one._form() == "process")
        crons._commit_progress(remaining=len(nodes) + len(services))
        for node in nodes:
            node._look_quietly()
            if not crons._commit_progress(1):
                return
        for service in services:
            service._observe_quietly()
            if not crons._commit_progress(1):
                return

    @api.model
    def _to_look_at(self, records, field, began, domain):
        """Return those of a model that were not looked at in this turn, in their order."""
        due = Domain(field, "=", False) | Domain(field, "<", began)
        return records.search(due & Domain(domain), order=f"{field} NULLS FIRST, id")

    def observe(self):
        """Look at the node now and note what it shows.

        :return: what was seen of each service: list of ``{"id", "observed"}``
        """
        self.check_access("write")
        # sudo: checked above; the sub-services belong to the service
        processes = self.sudo()._tree().filtered(lambda one: one._form() == "process")
        processes.node_id._look_quietly()
        for service in processes:
            service._observe_quietly()
        return [{"id": one.id, "observed": one.observed} for one in processes]

    def action_observe(self):
        self.observe()
        return True

    def _observe_quietly(self):
        """Look at the service; a node that does not answer is noted, not raised.

        One that was just found away is not asked for each of its services.
        """
        if self.node_id.state == "offline":
            seen = self.node_id.error
        else:
            try:
                self._observe()
            except ClouderError as error:
                seen = str(error)
            else:
                return
        self.write(
            {"observed": (seen or "")[:200], "observed_at": fields.Datetime.now()}
        )
