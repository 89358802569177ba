from odoo import models


class ClouderHostedMixin(models.AbstractModel):
    """The button that tells beforehand what a deployment would change."""

    _inherit = "clouder.hosted.mixin"

    def action_plan(self):
        """Show what deploying this record would change."""
        self.ensure_one()
        changes = self.plan()
        lines = [
            f"{change['record']}: {change['change']} {', '.join(change['parts'])}"
            + (self.env._(" (short interruption)") if change["interruption"] else "")
            for change in changes
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("What deploying would change"),
                "message": "\n".join(lines) or self.env._("Nothing: all is as wanted."),
                "sticky": bool(lines),
            },
        }
