import json

from odoo import api, models

from odoo.addons.clouder_template_postgres.lib import sql

from ..lib.recipe import CONFIG, odoo_command
from .odoo import ADDON


class ClouderDriverOdoo(models.AbstractModel):
    """New code for existing bases."""

    _inherit = "clouder.driver.odoo"

    @api.private
    def base_update(self, base):
        """Update the modules whose code changed since the base was last brought up."""
        service = base.service_id._exec_service()
        code = self._code(service)
        if base.code_digest == code:
            self._log(self.env._("%s has the newest code.", base.fulldomain))
            return
        for database in base._databases().values():
            self._update_database(service, database)
        base._note_code(code, base.driver_state)

    @api.model
    def _update_database(self, service, database):
        """Update the modules of ``database`` whose code is not the one it was made with."""
        found = json.loads(
            self._python(service, ("code", "changed"), database=database).splitlines()[
                -1
            ]
        )
        if not found["changed"]:
            self._log(self.env._("%s: no module of it changed.", database))
            return
        modules = ",".join(found["changed"])
        self._log(f"{database}: {modules}")
        self._odoo(
            service,
            [*odoo_command(database), f"--update={modules}"],
            self.env._("Updating %s failed", database),
        )
        owner = self._database_facts(service)["user"]
        self._sql(
            service,
            sql.connect(database, owner)
            + sql.parameters({"modules": json.dumps(found["modules"], sort_keys=True)})
            + (ADDON / "sql/code.sql").read_text(),
        )

    @api.private
    def service_code(self, service):
        return self._code(service._exec_service())

    @api.private
    def base_neutralise(self, base):
        """Have the base send, fetch, charge and schedule nothing."""
        service = base.service_id._exec_service()
        for database in base._databases().values():
            self._neutralise(service, database)

    @api.model
    def _neutralise(self, service, database):
        self._odoo(
            service,
            ["odoo", "neutralize", f"--config={CONFIG}", f"--database={database}"],
            self.env._("Neutralising %s failed", database),
        )
