from odoo import api, fields, models
from odoo.exceptions import UserError


class ClouderApplicationDuplicate(models.TransientModel):
    """Asks for the name and the code of a new application that is made after another.

    The code is in names of the whole infrastructure and never changes: it is given here.
    """

    _name = "clouder.application.duplicate"
    _description = "Duplicate an Application"

    application_id = fields.Many2one(
        "clouder.application", string="Made after", required=True, ondelete="cascade"
    )
    name = fields.Char(required=True)
    code = fields.Char(
        required=True, help="Lowercase letters, digits, hyphens; it never changes."
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        active = self.env.context.get("active_id")
        if self.env.context.get("active_model") == "clouder.application" and active:
            values["application_id"] = active
        application = self.env["clouder.application"].browse(
            values.get("application_id")
        )
        if application:
            [copied] = application.copy_data()
            values |= {name: copied[name] for name in ("name", "code")}
        return values

    def action_duplicate(self):
        """Make the application and open it.

        :raise UserError: another application has this code
        """
        self.ensure_one()
        # sudo: codes are known to all; only whether one is free is told
        applications = self.application_id.sudo().with_context(active_test=False)
        if applications.search_count([("code", "=", self.code)], limit=1):
            raise UserError(
                self.env._(
                    "There is an application with the code %s already: choose another one.",
                    self.code,
                )
            )
        made = self.application_id.copy({"name": self.name, "code": self.code})
        return {
            "type": "ir.actions.act_window",
            "res_model": made._name,
            "res_id": made.id,
            "view_mode": "form",
        }
