from odoo import api, models

from odoo.addons.clouder import keyring
from odoo.addons.clouder.lib.errors import ClouderError, EngineRefused
from odoo.addons.clouder.lib.wait import wait_for
from odoo.addons.clouder_template_postgres.lib import sql
from odoo.addons.clouder_template_postgres.lib.failure import SqlFailed

from ..lib.recipe import BESIDE, beside
from ..lib.tenant import tenant_parameters
from .odoo import ADDON, HTTP_PORT

BASE = "clouder.base"
READY_S = 120
ANSWER_S = 30
LOGIN_PAGE = "/web/login"
# Odoo takes a static file from its modules without loading the database of the host.
PROBE_PATH = "/web/static/img/favicon.ico"
WOKEN = 2
# What creating the database does already, in the same breath.
INCLUDED = {"base_build", "base_populate", "base_configure", "base_create_poweruser"}


class ClouderDriverOdoo(models.AbstractModel):
    """The life of a base: a copy of its template, made the tenant's own."""

    _inherit = "clouder.driver.odoo"

    @api.model
    def _phases(self):
        phases = dict(super()._phases())
        hooks = phases[BASE, "deploy"]
        phases[BASE, "deploy"] = tuple(hook for hook in hooks if hook not in INCLUDED)
        return phases

    @api.private
    def base_create_database(self, base):
        """Have the database and its files, configured, before anybody can reach it.

        Until the last statement the database is marked as a template, which Odoo never
        serves; a run that was cut short is completed by the next one.
        """
        if base.build != "build":
            return super().base_create_database(base)
        service = base.service_id._exec_service()
        recipe = self._recipe(base)
        try:
            self._copy_template(base, service, recipe)
        except SqlFailed as error:
            if recipe.name not in str(error):
                raise
            self._log(self.env._("The template is gone: it is made anew."))
            self._lock(recipe.name)
            self._have_template(service, recipe)
            self._filestore(service, "remove", base._database())
            self._copy_template(base, service, recipe)
        if not base.code_digest:
            base._note_code(recipe.code, self._state(recipe))
        self._wake(base, service)
        return None

    @api.model
    def _wake(self, base, service):
        """Let Odoo load the new database while its route is being made.

        Each of its processes does so with its first request, for half a second.
        """
        times = min(max(int(service._option("workers")), 1), WOKEN)
        service._runner().http_knock(
            service, "http", base.fulldomain, LOGIN_PAGE, times=times
        )

    @api.model
    def _copy_template(self, base, service, recipe):
        database = base._database()
        owner = self._database_facts(service)["user"]
        script = (
            sql.create_database(
                database, owner, recipe.name, closed=True, mark=self._mark(base)
            )
            + self._tenant_script(base, database, owner)
            + sql.open_database(database)
        )
        argv, clone = self._filestore_command("clone", recipe.name, database)
        with service._runner().exec_meanwhile(service, argv, stdin=clone):
            self._sql(service, script)

    @api.model
    def _tenant_script(self, base, database, owner):
        """Return the script that makes ``database`` the base's own.

        It works as the database's owner: what a tenant may have put into it (triggers)
        has no more rights there than the tenant.
        """
        settings = {
            "title": base.title,
            "admin_login": base.admin_name,
            "admin_password": base._secret("admin_password"),
            "admin_email": base.admin_email,
        }
        if base.poweruser_name:
            settings |= {
                "poweruser_login": base.poweruser_name,
                "poweruser_password": base._secret("poweruser_password"),
                "poweruser_email": base.poweruser_email,
            }
        values = tenant_parameters(
            f"{self._own_uuid()} {base.id}",
            base.url,
            settings,
            keyring.vault().hmac_key,
        )
        return (
            sql.connect(database, owner)
            + sql.parameters(values)
            + (ADDON / "sql/tenant.sql").read_text()
            + sql.connect("postgres", "postgres")
        )

    @api.model
    def _own_uuid(self):
        # sudo: a system parameter, which jobs of every role need
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    @api.model
    def _lock(self, name):
        """Wait for, and hold to the end of the transaction, the lock of a step."""
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name]
        )

    @api.private
    def base_configure(self, base):
        """Set again what the base's record says and its database does not."""
        service = base.service_id._exec_service()
        owner = self._database_facts(service)["user"]
        self._sql(service, self._tenant_script(base, base._database(), owner))

    @api.private
    def base_ready(self, base):
        """Wait until Odoo serves the login page of the base."""
        if base.build != "build":
            return
        service = base.service_id._exec_service()

        def probe():
            status = self._login_status(service, base.fulldomain)
            return status == "200", f"status {status}"

        wait_for(f"base {base.fulldomain} answers", probe, READY_S)

    @api.private
    def base_probe_path(self, base):
        return PROBE_PATH

    @api.model
    def _login_status(self, service, host):
        """Return the status of the login page as text, or why there is none.

        A node far away does not let us reach a port that is not published: there, the
        container is asked to look itself.
        """
        try:
            answer = service._runner().http_get(
                service, "http", host, LOGIN_PAGE, timeout=ANSWER_S
            )
            return str(answer[0])
        except EngineRefused:
            argv = ["python3", "-", str(HTTP_PORT), host, LOGIN_PAGE]
            return self._run(service, argv, self._script(["answers"])).strip()
        except ClouderError as error:
            if not error.transient:
                raise
            return str(error)

    @api.private
    def base_purge(self, base):
        """Remove the files and the sessions of the base.

        Those of a database that bears its name and is somebody else's are not its own.
        """
        service = base.service_id._exec_service()
        link = self._database_link(service)
        names = self._all_databases(base)
        if link.target:
            foreign = link.target._driver().database_foreign(
                link.target._exec_service(),
                names,
                link._facts().get("user", ""),
                self._mark(base),
            )
            names = [name for name in names if name not in foreign]
        if names:
            self._filestore(service, "remove", *names)

    @api.private
    def base_drop_database(self, base):
        """Drop the database of the base, and what an interrupted reset left beside it."""
        service = base.service_id._exec_service()
        link = self._database_link(service)
        if link.target:
            owner = link._facts().get("user", "")
            drops = [
                sql.drop_database(name, owner, self._mark(base))
                for name in self._all_databases(base)
            ]
            self._sql(service, "".join(drops))

    @api.model
    def _all_databases(self, base):
        own = list(base._databases().values())
        return own + [beside(word, name) for name in own for word in BESIDE]
