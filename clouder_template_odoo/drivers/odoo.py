import dataclasses
import pathlib

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clouder.lib.spec import File, Health
from odoo.addons.clouder_template_postgres.lib.render import render

from ..lib.instance import FOLDER, NAME, addon_files
from ..lib.recipe import CONFIG

ADDON = pathlib.Path(__file__).parents[1]
UID = GID = 8069
DATA_DIR = "/var/lib/odoo"
HTTP_PORT = 8069
LONGPOLLING_PORT = 8072
_HEALTH_URL = f"http://127.0.0.1:{HTTP_PORT}/web/health"
HEALTH = [
    "python3",
    "-c",
    f"import urllib.request as r; r.urlopen('{_HEALTH_URL}', timeout=5)",
]
SERVER_WIDE = ("base", "rpc", "web")
NUMBERS = (
    "workers",
    "max_cron_threads",
    "db_maxconn",
    "limit_memory_soft",
    "limit_memory_hard",
    "limit_time_cpu",
    "limit_time_real",
)


class ClouderDriverOdoo(models.AbstractModel):
    """Odoo in its sub-services Data, Files and Exec; each base is one database.

    The host name of a request is the name of its database, so a base needs no change
    of the configuration and no restart.
    """

    _name = "clouder.driver.odoo"
    _inherit = "clouder.driver"
    _description = "Odoo Driver"

    @api.private
    def image_dockerfile(self, image):
        return (ADDON / "image/Dockerfile").read_text()

    @api.private
    def service_spec(self, service, spec):
        return dataclasses.replace(
            spec, user="odoo", health=Health(HEALTH, interval_s=60), stop_timeout=30
        )

    @api.private
    def service_files(self, service):
        """Return ``odoo.conf``, which holds the password of the role, and our addon."""
        content = render(
            ADDON / "templates/odoo.conf.j2",
            addons_path=",".join([FOLDER, *self._addons_folders(service)]),
            server_wide_modules=",".join(self._server_wide()),
            data_dir=DATA_DIR,
            database=self._database_facts(service),
            log_level=service._option("log_level"),
            **{name: int(service._option(name)) for name in NUMBERS},
        )
        config = File(CONFIG, content, 0o400, UID, GID, secret=True)
        return [config, *(File(path, text) for path, text in addon_files().items())]

    @api.model
    def _server_wide(self):
        """Return the modules that the server itself loads, for all databases (tuple)."""
        return (*SERVER_WIDE, NAME)

    @api.private
    def service_health(self, service):
        return HEALTH

    @api.model
    def _addons_folders(self, service):
        """Return where the container finds the modules of its Files siblings."""
        files = service._siblings_with_tags(["files"])
        return sorted(files.volume_ids.mapped("localpath"))

    @api.model
    def _database_link(self, service):
        """Return the link of an Exec service to its PostgreSQL."""
        return service.link_ids.filtered(
            lambda link: "postgres" in link.target.application_id._tag_codes()
        )[:1]

    @api.model
    def _database_facts(self, service):
        """Return what PostgreSQL said about the link of ``service``.

        :raise UserError: there is no such link, or it was never set up
        """
        facts = self._database_link(service)._facts()
        if not facts:
            raise UserError(
                self.env._(
                    "Service %s has no working link to PostgreSQL: choose one in its "
                    "links and deploy it again.",
                    service.name,
                )
            )
        return facts

    @api.private
    def base_backend(self, base):
        service = base.service_id._exec_service()
        backend = {"host": service.name, "port": HTTP_PORT}
        if int(service._option("workers")):
            backend["longpolling_port"] = LONGPOLLING_PORT
        return backend

    @api.private
    def service_withdraw(self, service):
        """Drop the templates first: the role can only go when nothing belongs to it."""
        self._drop_templates(
            self.env["clouder.odoo.template"].search([("service_id", "=", service.id)])
        )
        return super().service_withdraw(service)
