from odoo import api, models

from odoo.addons.clouder_template_postgres.lib import sql

from ..lib.recipe import odoo_command

NOT_INSTALLED = """
SELECT value FROM jsonb_array_elements_text(
    current_setting('clouder.parameters')::jsonb -> 'modules'
) AS value
WHERE value NOT IN (
    SELECT name FROM ir_module_module WHERE state IN ('installed', 'to upgrade')
);
"""


class ClouderDriverOdoo(models.AbstractModel):
    """The modules that are added to a base after it was made."""

    _inherit = "clouder.driver.odoo"

    @api.model
    def _add_modules(self, base):
        """Install what was added to the modules of an existing base.

        What its people uninstalled since it was there stays so. No template is needed:
        the base has the code of its service, whatever that is.

        :raise UserError: a module does not exist
        :raise ClouderError: installing failed
        """
        recipe = self._recipe(base)
        known = (base.driver_state or {}).get("modules", ())
        added = sorted(set(recipe.modules) - set(known))
        if not added:
            return
        service = base.service_id._exec_service()
        for database in self._existing(base, service):
            missing = self._not_installed(service, database, added)
            if missing:
                self._install(service, database, missing)
        base.driver_state = self._state(recipe)

    @api.model
    def _state(self, recipe):
        """Return what is noted on a base that has the modules of ``recipe``."""
        return {"modules": list(recipe.modules)}

    @api.model
    def _existing(self, base, service):
        """Return the databases of ``base`` that are there; others are made anew."""
        target = self._database_link(service).target
        there = target._driver().database_list(target._exec_service())
        return [name for name in base._databases().values() if name in there]

    @api.model
    def _not_installed(self, service, database, modules):
        owner = self._database_facts(service)["user"]
        script = (
            sql.connect(database, owner)
            + sql.parameters({"modules": modules})
            + NOT_INSTALLED
        )
        found = set(self._sql(service, script).split())
        return [name for name in modules if name in found]

    @api.model
    def _install(self, service, database, modules):
        self._check_modules(service, modules)
        names = ",".join(modules)
        self._log(f"{database}: {names}")
        self._odoo(
            service,
            [*odoo_command(database), f"--init={names}"],
            self.env._("Installing %s failed", names),
        )
