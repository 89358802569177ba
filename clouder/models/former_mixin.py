import difflib

from odoo import api, models
from odoo.exceptions import UserError

from .former_names import GONE, RENAMED, REVERSED


class ClouderFormerMixin(models.AbstractModel):
    """Answers a field name that the model does not have with the one it should be.

    Scripts for Clouder 0.10 meet a few such names; everybody else makes typing errors.
    Odoo's own answer is an error of the server.
    """

    _name = "clouder.former.mixin"
    _description = "Former Field Names"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_field_names(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_field_names(vals)
        return super().write(vals)

    @api.model
    def _check_field_names(self, vals):
        """Raise UserError when a key of ``vals``, or of a line in it, is no field."""
        unknown = sorted(name for name in vals if name not in self._fields)
        if unknown:
            raise UserError(" ".join(map(self._unknown_field, unknown)))
        for name, value in vals.items():
            field = self._fields[name]
            if field.type == "one2many" and isinstance(value, list | tuple):
                self._check_lines(self.env[field.comodel_name], value)

    @api.model
    def _check_lines(self, lines, commands):
        """Check the values of lines that are made or changed with their owner."""
        if hasattr(lines, "_check_field_names"):
            for command in commands:
                for vals in command if isinstance(command, list | tuple) else ():
                    if isinstance(vals, dict):
                        lines._check_field_names(vals)

    @api.model
    def _unknown_field(self, name):
        """Return the sentence about a field that does not exist."""
        words = {"field": name[:60], "model": self._name}
        for names in (RENAMED, REVERSED):
            if new := names.get(self._name, {}).get(name):
                words["new"] = new
        if "new" in words and name in REVERSED.get(self._name, {}):
            return self.env._(
                "%(model)s has no field %(field)s any more: write %(new)s, which says "
                "the opposite.",
                **words,
            )
        if "new" in words:
            return self.env._(
                "%(model)s has no field %(field)s any more: write %(new)s.", **words
            )
        if cure := GONE.get(self._name, {}).get(name):
            return self.env._(
                "%(model)s has no field %(field)s any more: %(cure)s.",
                **words,
                cure=self.env._(cure),
            )
        if near := difflib.get_close_matches(name[:60], self._near_fields(), 1):
            return self.env._(
                "%(model)s has no field %(field)s: did you mean %(near)s?",
                **words,
                near=near[0],
            )
        return self.env._("%(model)s has no field %(field)s.", **words)

    @api.model
    def _near_fields(self):
        """Return the fields that a caller may write: no others are suggested."""
        return [
            name
            for name, field in self._fields.items()
            if not field.readonly and self._has_field_access(field, "write")
        ]
