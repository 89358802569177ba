from odoo import api, models


class ClouderReferenceMixin(models.AbstractModel):
    """Refuses to point at records that the writer may not even read.

    The ORM asks for rights on the written record alone; without this check somebody
    could hang a record on another customer's service by giving its id. Code that works
    with ``sudo`` answers for itself.
    """

    _name = "clouder.reference.mixin"
    _description = "Checked References"

    @api.model_create_multi
    def create(self, vals_list):
        names = self._reference_fields(set().union(*vals_list))
        for vals in vals_list if names else ():
            self._check_targets(vals, names)
        records = super().create(vals_list)
        records._check_linked(names)
        return records

    def write(self, vals):
        names = self._reference_fields(vals)
        self._check_targets(vals, names)
        result = super().write(vals)
        self._check_linked(names)
        if names:
            # What it points to may decide whose record it is.
            self.check_access("write")
        return result

    @api.model
    def _reference_fields(self, names):
        """Return those of the fields ``names`` that point at records of Clouder.

        Nothing for code that works with ``sudo``.
        """
        return [
            name
            for name in names
            if not self.env.su
            and (field := self._fields.get(name))
            and field.type in ("many2one", "many2many")
            and field.comodel_name.startswith("clouder.")
        ]

    @api.model
    def _check_targets(self, vals, names):
        """Check the reading right on what the many2one fields shall point to."""
        for name in names:
            if self._fields[name].type == "many2one" and vals.get(name):
                target = self.env[self._fields[name].comodel_name].browse(vals[name])
                target.check_access("read")

    def _check_linked(self, names):
        """Check the reading right on what the many2many fields hold now."""
        for name in names:
            if self._fields[name].type == "many2many":
                self.mapped(name).check_access("read")
