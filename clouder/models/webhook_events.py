"""What webhooks are told of."""

from odoo import fields, models

BASE_STATES = ("running", "failed", "suspended")


class ClouderJob(models.Model):
    _inherit = "clouder.job"

    def _end(self, state, error=False, detail=False, tell=True):
        result = super()._end(state, error, detail, tell)
        self.env["clouder.webhook"]._tell(
            "job.finished", self.environment_id, self._webhook_data()
        )
        return result

    def _webhook_data(self):
        """Return what a message says of this job (dict)."""
        record = self._record()
        return {
            "id": self.id,
            "action": self.action,
            "state": self.state,
            "error": self.error or "",
            "environment": self.environment_id.prefix or "",
            "record": {
                "model": self.res_model,
                "id": self.res_id,
                "name": record.display_name if record else "",
            },
            "ended_at": fields.Datetime.to_string(self.ended_at) or "",
        }


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def write(self, vals):
        before = {one.id: one.state for one in self} if "state" in vals else {}
        result = super().write(vals)
        for base in self.filtered(lambda one: one.id in before):
            if base.state != before[base.id] and base.state in BASE_STATES:
                self.env["clouder.webhook"]._tell(
                    f"base.{base.state}", base.environment_id, base._webhook_data()
                )
        return result

    def _webhook_data(self):
        """Return what a message says of this base (dict)."""
        return {
            "id": self.id,
            "name": self.fulldomain or "",
            "url": self.url or "",
            "state": self.state,
            "reason": self.suspend_reason or "",
            "error": self.error or "",
            "environment": self.environment_id.prefix or "",
        }
