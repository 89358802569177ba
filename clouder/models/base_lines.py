from odoo import api, fields, models

# A base that rests keeps its links: its names lead to whoever turns people away.
SERVED_STATES = ("running", "suspended", "stopped")


class ClouderBaseLine(models.AbstractModel):
    """A line of a base whose change must be applied by a deployment."""

    _name = "clouder.base.line"
    _inherit = ["clouder.reference.mixin"]
    _description = "Base Line"

    base_id = fields.Many2one(
        "clouder.base", required=True, ondelete="cascade", index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.base_id._mark_to_apply()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if {"value", "target"} & set(vals):
            self.base_id._mark_to_apply()
        return result

    def unlink(self):
        self.base_id._mark_to_apply()
        return super().unlink()


class ClouderBaseOption(models.Model):
    _name = "clouder.base.option"
    _inherit = ["clouder.base.line", "clouder.option.mixin"]
    _description = "Base Option"

    _name_uniq = models.Constraint(
        "UNIQUE (base_id, name)", "A base has each option once."
    )


class ClouderBaseLink(models.Model):
    _name = "clouder.base.link"
    _inherit = ["clouder.base.line", "clouder.link.mixin"]
    _description = "Base Link"
    _order = "base_id, id"

    _owner_field = "base_id"
    _consumer_field = "base_id.service_id"
    _owner_states = SERVED_STATES

    _target_idx = models.Index("(target, state)")

    def _owner(self):
        return self.base_id

    def _consumer(self):
        return self.base_id.service_id._exec_service()

    def _suggested(self, name):
        if name == "target" and self.application_link_id:
            return self._owner()._choose_target(self.application_link_id)
        return super()._suggested(name)
