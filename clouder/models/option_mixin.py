from odoo import api, fields, models
from odoo.exceptions import ValidationError

MASK = "••••••••"
OWNER_KINDS = {
    "service_id": ("service", "container"),
    "base_id": ("base",),
}


class ClouderOptionMixin(models.AbstractModel):
    """A value for an option of an application type.

    ``value`` is what people read and write; it is stored in ``value_plain`` or, for
    a secret option, encrypted in ``value_encrypted``. Code reads it with ``_value()``.
    """

    _name = "clouder.option.mixin"
    _inherit = ["clouder.secret.mixin"]
    _description = "Option Value"
    _rec_name = "name"

    name = fields.Many2one(
        "clouder.application.type.option",
        string="Option",
        required=True,
        ondelete="restrict",
        index=True,
    )
    value = fields.Text(compute="_compute_value", inverse="_inverse_value")
    value_plain = fields.Text(readonly=True, export_string_translation=False)
    value_encrypted = fields.Text(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    secret = fields.Boolean(related="name.secret")
    required = fields.Boolean(related="name.required")
    value_type = fields.Selection(related="name.value_type")
    description = fields.Text(related="name.description")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._through_value(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._through_value(vals))

    @api.model
    def _through_value(self, vals):
        """Return ``vals`` with what people give as stored text given as a value.

        So it is checked, and encrypted when the option is secret: in a copy, an import
        or a script as in a form.
        """
        if "value_plain" not in vals or self.env.su:
            return vals
        kept = {name: value for name, value in vals.items() if name != "value_plain"}
        return {"value": vals["value_plain"], **kept}

    @api.depends("name", "value_plain", "value_encrypted")
    @api.depends_context("uid", "su")
    def _compute_value(self):
        readable = self._readable_secrets()
        for line in self:
            if not line.name.secret:
                line.value = line.value_plain
            elif not line._origin.sudo().value_encrypted:
                # sudo: tells whether there is a value, and not which
                line.value = False
            else:
                line.value = line._secret("value") if line in readable else MASK

    def _inverse_value(self):
        for line in self:
            if line.name.secret and line.value == MASK:
                continue
            line._store_value(line.value)

    @api.onchange("name")
    def _onchange_name(self):
        if self.name and not self.name.secret and not self.value:
            self.value = self.name.default

    def _readable_secrets(self):
        """Return the lines whose secret the user may read: those he may change."""
        if not self.env.su and not self.env.user.has_group("clouder.group_deployer"):
            return self.browse()
        return super()._readable_secrets()

    def _store_value(self, value):
        """Store ``value`` in the form that the option wants.

        :raise ValidationError: the option does not take such a value
        """
        self.ensure_one()
        text = self.name._clean(value) or False
        if self.name.secret:
            if text != (self._secret("value") or False) or self.value_plain:
                # sudo: the writer may write the value; its two forms are without access
                self.sudo().write(
                    {"value_encrypted": self._encrypt(text), "value_plain": False}
                )
        elif text != (self.value_plain or False) or self.sudo().value_encrypted:
            # sudo: the writer may write the value; its two forms are without access
            self.sudo().write({"value_plain": text, "value_encrypted": False})

    def _value(self):
        """Return the value as text, "" without one; masked for who may not read it."""
        self.ensure_one()
        if not self.name.secret:
            return self.value_plain or ""
        if not self._secret("value"):
            return ""
        return self._secret("value") if self in self._readable_secrets() else MASK

    def _clear_value(self):
        """Return the value in clear, "" without one. For code only: no access check."""
        self.ensure_one()
        # sudo: for drivers, and for readers that _compute_value let through
        return self._secret("value") or self.sudo().value_plain or ""

    def _owner(self):
        """Return the record that has this value."""
        return self[self._owner_field()]

    @api.model
    def _owner_field(self):
        return next(name for name in OWNER_KINDS if name in self._fields)

    @api.constrains("name")
    def _check_definition(self):
        # sudo: a check must see all that it is about
        for line in self.sudo():
            if not line._fits():
                raise ValidationError(
                    self.env._(
                        "%(owner)s cannot have option %(option)s: it is for %(kind)s "
                        "records of type %(type)s.",
                        owner=line._owner().display_name,
                        option=line.name.name,
                        kind=line.name.type,
                        type=line.name.type_id.name,
                    )
                )

    def _fits(self):
        """Return whether the option is one of the owner's type and kind of record."""
        return (
            self.name.type_id == self._owner().application_id.type_id
            and self.name.type in OWNER_KINDS[self._owner_field()]
        )
