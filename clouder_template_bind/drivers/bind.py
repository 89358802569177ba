import base64
import contextlib
import dataclasses
import pathlib
import secrets

from odoo import api, models

from odoo.addons.clouder.lib.errors import ClouderError, EngineUnreachable
from odoo.addons.clouder.lib.spec import File, Health

from ..lib.records import RecordRefused
from ..lib.render import render
from ..lib.server import TRANSFER_KEY, UPDATE_KEY, Server, ServerAway, ServerRefused
from ..lib.zone import CATALOG

IMAGE = pathlib.Path(__file__).parents[1] / "image"
UID = GID = 5353
KEY_OPTIONS = {"update_key": UPDATE_KEY, "transfer_key": TRANSFER_KEY}
RNDC = ("rndc", "-k", "/run/named/rndc.key", "-p", "9953")
HEALTH = [*RNDC, "status"]
STOP_SECONDS = 10
# Its key for rndc and the addresses of its peers: what it makes anew at each start.
RUN = {"/run/named": f"rw,nosuid,nodev,noexec,size=4m,mode=0700,uid={UID},gid={GID}"}


class DnsRefused(ClouderError):
    """A name server, or a rule of ours before it, says no."""


class ClouderDriverBind(models.AbstractModel):
    """BIND 9 in one container: zones at run time, records by signed updates."""

    _name = "clouder.driver.bind"
    _inherit = "clouder.driver"
    _description = "BIND Driver"

    @api.private
    def option_default(self, option, owner):
        if option.name in KEY_OPTIONS:
            return base64.b64encode(secrets.token_bytes(32)).decode()
        return super().option_default(option, owner)

    @api.private
    def image_dockerfile(self, image):
        return (IMAGE / "Dockerfile").read_text()

    @api.private
    def image_files(self, image):
        return [
            File(f"/{name}", (IMAGE / name).read_bytes(), mode=0o755)
            for name in ("clouder-bind", "clouder-peers")
        ]

    @api.private
    def service_spec(self, service, spec):
        spec = super().service_spec(service, spec)
        return dataclasses.replace(
            spec,
            user="bind",
            tmpfs={**spec.tmpfs, **RUN},
            health=Health(HEALTH),
            stop_signal="SIGTERM",
            stop_timeout=STOP_SECONDS,
        )

    @api.private
    def service_files(self, service):
        return [
            *super().service_files(service),
            self._config_file("keys.conf", secret=True, keys=self._keys(service)),
            self._config_file(
                "named.conf",
                secondary=self._is_secondary(),
                catalog=CATALOG,
                responses_per_second=int(service._option("responses_per_second") or 20),
            ),
        ]

    @api.model
    def _config_file(self, name, secret=False, **values):
        return File(
            f"/etc/clouder/{name}",
            render(f"{name}.j2", **values),
            mode=0o400,
            uid=UID,
            gid=GID,
            secret=secret,
        )

    @api.model
    def _is_secondary(self):
        """Tell whether servers of this driver follow another one."""
        return False

    @api.model
    def _keys(self, service):
        """Return the keys that the server knows: (name, base64) of each."""
        return [(name, service._option(own)) for own, name in KEY_OPTIONS.items()]

    @api.private
    def service_health(self, service):
        return HEALTH

    @api.model
    def _server(self, service):
        """Return the server behind ``service`` (:class:`~..lib.server.Server`).

        :raise EngineRefused: it cannot be reached from here
        """
        runner = service._runner()
        address, port = runner.port_address(service, "dns-tcp")
        return Server(
            address,
            port,
            service._option("update_key") or "",
            udp_port=runner.port_address(service, "dns")[1],
        )

    @api.model
    @contextlib.contextmanager
    def _speaking(self, service, subject):
        """Turn what goes wrong with a server into errors that people understand.

        :param str subject: the zone or host that it is about
        """
        try:
            yield
        except ServerAway as error:
            raise EngineUnreachable(
                self.env._(
                    "The name server %(server)s does not answer: %(reason)s.",
                    server=service.name,
                    reason=error,
                )
            ) from error
        except ServerRefused as error:
            raise DnsRefused(
                self.env._(
                    "The name server %(server)s refuses what concerns %(subject)s: "
                    "%(reason)s.",
                    server=service.name,
                    subject=subject,
                    reason=error,
                )
            ) from error
        except RecordRefused as error:
            raise DnsRefused(
                self.env._(
                    "%(subject)s cannot be published: %(reason)s",
                    subject=subject,
                    reason=error,
                )
            ) from error

    @api.model
    def _rndc(self, service, *words):
        """Give BIND an order; return what it said.

        :raise CommandFailed: it says no
        """
        return service._runner().exec(service, [*RNDC, *words]).output
