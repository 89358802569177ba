from odoo import api, models
from odoo.exceptions import AccessError


class ClouderDerivedMixin(models.AbstractModel):
    """Keeps callers from writing what only Clouder's own code may say.

    ``readonly`` is a matter of forms: over RPC, or by an import, Odoo takes such a value
    all the same. A state written by hand could hide a running container for good.
    """

    _name = "clouder.derived.mixin"
    _description = "Derived Fields"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_derived(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_derived(vals)
        return super().write(vals)

    @api.model
    def _check_derived(self, names):
        """Raise AccessError when one of the fields ``names`` is not the caller's to write."""
        if self.env.su:
            return
        derived = [
            name
            for name in names
            if (field := self._fields.get(name)) and field.readonly and field.store
        ]
        if derived:
            raise AccessError(
                self.env._(
                    "%(fields)s of %(model)s cannot be written: Clouder says so itself.",
                    fields=", ".join(sorted(derived)),
                    model=self._description,
                )
            )
