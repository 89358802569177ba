from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..lib import names
from .name_checks import check_list, check_names, split_list

# The proof that this very process asks: no text of a caller can be this object.
MODULE_DATA = object()
MODULE_DATA_KEY = "clouder_module_data"


def as_module(records):
    """Return ``records`` in a context in which application types may be made.

    For the code of modules and for test fixtures; nothing that comes over RPC,
    a form or an import can build such a context.
    """
    return records.with_context(**{MODULE_DATA_KEY: MODULE_DATA})


class ClouderApplicationType(models.Model):
    """A kind of software Clouder knows how to treat; made by modules only."""

    _name = "clouder.application.type"
    _description = "Application Type"
    _order = "name, id"

    name = fields.Char(
        required=True,
        readonly=True,
        help="Lowercase letters, digits and hyphens. The code that runs depends on it.",
    )
    system_user = fields.Char(
        required=True,
        readonly=True,
        help="The system user which runs the applications inside their containers.",
    )
    multiple_databases = fields.Char(
        readonly=True,
        help="Names of the databases each base needs, separated by commas; empty for one.",
    )
    driver = fields.Char(
        required=True,
        default="generic",
        readonly=True,
        help="Code of the driver that does the work for this type.",
    )
    driver_state = fields.Selection(
        [("installed", "Installed"), ("missing", "Missing")],
        compute="_compute_driver_state",
    )
    description = fields.Text(translate=True)
    option_ids = fields.One2many(
        "clouder.application.type.option", "type_id", string="Options"
    )
    tag_ids = fields.Many2many(
        "clouder.application.tag",
        "clouder_application_type_tag_rel",
        "type_id",
        "tag_id",
        string="Tags",
        help="Tags that each application of this type carries.",
    )
    application_ids = fields.One2many("clouder.application", "type_id")

    _name_uniq = models.Constraint(
        "UNIQUE (name)", "Another application type has this name already."
    )
    _name_format = models.Constraint(
        r"CHECK (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$')",
        "The name of a type has only lowercase letters, digits and single hyphens.",
    )

    def _compute_driver_state(self):
        for kind in self:
            known = (
                kind.driver == "generic" or f"clouder.driver.{kind.driver}" in self.env
            )
            kind.driver_state = "installed" if known else "missing"

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_type_name)

    @api.constrains("system_user")
    def _check_system_user(self):
        check_names(self, "system_user", names.check_system_user)

    @api.constrains("multiple_databases")
    def _check_multiple_databases(self):
        check_list(self, "multiple_databases", names.check_database_suffix)

    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_module():
            raise UserError(
                self.env._(
                    "Application types are made by modules only, for code belongs to each: "
                    "install the module of the type you need, or write one."
                )
            )
        return super().create(vals_list)

    def write(self, vals):
        changed = {
            name
            for name in self._module_fields() & vals.keys()
            if any(kind[name] != vals[name] for kind in self)
        }
        if changed and not self._in_module():
            raise UserError(
                self.env._(
                    "%(fields)s of an application type can only be changed by its module.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(changed)
                    ),
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_module(self):
        if not self._in_module():
            raise UserError(
                self.env._(
                    "Application types belong to their modules: to be rid of %s, "
                    "uninstall its module.",
                    ", ".join(self.mapped("name")),
                )
            )

    @api.model
    def _module_fields(self):
        """Return the names of the fields which only the type's module may change."""
        return {"name", "system_user", "multiple_databases", "driver"}

    @api.model
    def _in_module(self):
        """Return whether a module's data or code is at work, rather than a person."""
        if self.env.context.get(MODULE_DATA_KEY) is MODULE_DATA:
            return True
        # sudo: tells the loading of modules from a call; gives no right
        return self.env.uid == SUPERUSER_ID and not self.pool.ready

    def _database_suffixes(self):
        """Return the names in ``multiple_databases``; empty for a single database."""
        self.ensure_one()
        return split_list(self.multiple_databases)
