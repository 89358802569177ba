from odoo import api, models
from odoo.fields import Command


class ClouderReferenceMixin(models.AbstractModel):
    """Refuses to point at records that the writer may not even read.

    The ORM asks for rights on the written record alone; without this check somebody
    could hang a record on another customer's service by giving its id. What autofill
    would choose by itself may be given, too: a form sends it back. Code that works with
    ``sudo`` answers for itself.
    """

    _name = "clouder.reference.mixin"
    _inherit = ["clouder.former.mixin"]
    _description = "Checked References"

    @api.model_create_multi
    def create(self, vals_list):
        names = set()
        if not self.env.su:
            vals_list = [self._without_suggested(vals) for vals in vals_list]
        for vals in vals_list if not self.env.su else ():
            given = {**self._default_references(vals), **vals}
            found = self._reference_fields(given)
            self._check_targets(given, found)
            names.update(found)
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
    def _default_references(self, vals):
        """Return the references that defaults, also the caller's own, add to ``vals``."""
        missing = [
            name for name in self._reference_fields(self._fields) if name not in vals
        ]
        return self.default_get(missing)

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

    def _check_targets(self, vals, names):
        """Check the reading right on what the many2one fields shall point to."""
        for name in names:
            if self._fields[name].type == "many2one" and vals.get(name):
                target = self.env[self._fields[name].comodel_name].browse(vals[name])
                if target.has_access("read") or self._suggest(name, target, vals):
                    continue
                target.check_access("read")

    @api.model
    def _without_suggested(self, vals):
        """Return ``vals`` without the many2many values that autofill sets all the same.

        The ORM itself refuses to link what the user cannot read.
        """
        return {
            name: value
            for name, value in vals.items()
            if not self._reference_fields([name])
            or self._fields[name].type != "many2many"
            or not self._suggest(name, self._linked(name, value), vals)
        }

    @api.model
    def _linked(self, name, value):
        """Return the records that the commands ``value`` link to a new record.

        None when they do anything else.
        """
        linked = self.env[self._fields[name].comodel_name]
        for command in value or ():
            if isinstance(command, int) or command[0] == Command.LINK:
                linked += linked.browse(
                    command if isinstance(command, int) else command[1]
                )
            elif command[0] == Command.SET:
                linked = linked.browse(command[2])
            else:
                return None
        return linked

    def _suggest(self, name, target, vals):
        """Tell whether autofill would choose ``target`` for the field ``name``.

        :param dict vals: the values of a new record, when ``self`` is empty
        """
        given = {
            key: value
            for key, value in vals.items()
            if (field := self._fields.get(key)) and field.type == "many2one"
        }
        # sudo: asks what autofill would choose; the answer is compared, and told to nobody
        records = self.sudo() or self.sudo().new(given)
        return bool(target) and all(
            one._suggested(name)._origin == target for one in records
        )

    def _suggested(self, name):
        """Return what autofill chooses for the reference ``name``; empty for nothing."""
        return self.env[self._fields[name].comodel_name]

    def _check_linked(self, names):
        """Check the reading right on what the many2many fields hold now."""
        for name in names:
            if self._fields[name].type == "many2many":
                # sudo: reads the links; each of them is then checked without it
                for record in self.sudo():
                    chosen = record[name] - record._suggested(name)
                    chosen.sudo(False).check_access("read")
