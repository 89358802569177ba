import dataclasses
import pathlib

from odoo import api, models

from odoo.addons.clouder import keyring
from odoo.addons.clouder.lib.secrets import generate_password
from odoo.addons.clouder.lib.spec import File, Health

from ..lib import scram, sql
from ..lib.render import render

ADDON = pathlib.Path(__file__).parents[1]
PORT = 5432
UID = GID = 5432
SUPERUSER = "postgres"
SOCKET = {
    "/run/postgresql": f"rw,nosuid,nodev,noexec,size=1m,mode=0700,uid={UID},gid={GID}"
}
HEALTH = ["pg_isready", "--quiet", "--host=127.0.0.1"]


class ClouderDriverPostgres(models.AbstractModel):
    """PostgreSQL in one container; the services that link to it get a role each."""

    _name = "clouder.driver.postgres"
    _inherit = "clouder.driver"
    _description = "PostgreSQL Driver"

    @api.private
    def option_default(self, option, owner):
        if option.name == "superuser_password":
            return generate_password(32)
        return super().option_default(option, owner)

    @api.private
    def image_dockerfile(self, image):
        return (ADDON / "image/Dockerfile").read_text()

    @api.private
    def image_files(self, image):
        start = (ADDON / "image/clouder-postgres").read_bytes()
        return [File(path="/clouder-postgres", content=start, mode=0o755)]

    @api.private
    def service_spec(self, service, spec):
        # SIGINT is PostgreSQL's "fast" shutdown: clients are not waited for.
        return dataclasses.replace(
            spec,
            user="postgres",
            health=Health(HEALTH),
            tmpfs={**spec.tmpfs, **SOCKET},
            stop_signal="SIGINT",
            stop_timeout=60,
        )

    @api.private
    def service_files(self, service):
        settings = {
            name: int(service._option(name))
            for name in ("max_connections", "shared_buffers", "work_mem")
        }
        return [
            self._config_file("postgresql.conf", **settings),
            self._config_file("pg_hba.conf"),
        ]

    @api.model
    def _config_file(self, name, **values):
        content = render(ADDON / f"templates/{name}.j2", **values)
        return File(
            path=f"/etc/clouder/{name}", content=content, mode=0o400, uid=UID, gid=GID
        )

    @api.private
    def service_health(self, service):
        return HEALTH

    @api.private
    def service_configure(self, service):
        """Give the superuser the password of the option, where it differs."""
        password = service._option("superuser_password")
        if password:
            self._have_role(service, SUPERUSER, password)

    @api.model
    def _have_role(self, service, role, password, mark=""):
        """Have a role that may log in with ``password``; write only what differs.

        :param str mark: whose role it is; one that bears another mark is refused
        """
        verifier = scram.verifier(password, role, keyring.vault().hmac_key)
        constant = (ADDON / "sql/role.sql").read_text()
        values = {"role": role, "verifier": verifier, "mark": mark}
        self._psql(service, sql.parameters(values) + constant)
