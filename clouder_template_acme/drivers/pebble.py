import dataclasses
import datetime
import json
import pathlib

from odoo import api, models

from odoo.addons.clouder.lib.errors import ClouderError
from odoo.addons.clouder.lib.spec import File, Health
from odoo.addons.clouder_template_proxy.lib.certificate import public_part, self_signed

from ..lib.authority import Account

ADDON = pathlib.Path(__file__).parents[1]
ACME_PORT, MANAGEMENT_PORT = 14000, 15000
NOBODY = 65534
CONFIG, TLS = "/etc/clouder/pebble.json", "/etc/clouder/pebble.pem"
# The name in the certificate of the directory: pebble itself is reached by addresses.
NAME = "pebble.clouder.invalid"
TLS_PORT = 5001


class ClouderDriverPebble(models.AbstractModel):
    """Let's Encrypt's test authority, in a container; for demonstrations and tests only."""

    _name = "clouder.driver.pebble"
    _inherit = "clouder.driver.acme"
    _description = "Pebble Driver"

    @api.private
    def option_default(self, option, owner):
        if option.name == "directory_certificate":
            return self_signed(NAME, datetime.datetime.now(datetime.UTC))
        return super().option_default(option, owner)

    @api.private
    def image_dockerfile(self, image):
        return (ADDON / "image/Dockerfile").read_text()

    @api.private
    def service_spec(self, service, spec):
        spec = super().service_spec(service, spec)
        command = ["pebble", "-config", CONFIG]
        if server := self._dns_facts(service):
            command += ["-dnsserver", f"{server['host']}:{server['port']}"]
        environment = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        return dataclasses.replace(
            spec,
            command=command,
            env={**spec.env, **environment},
            user=str(NOBODY),
            health=Health(self.service_health(service)),
        )

    @api.private
    def service_files(self, service):
        settings = {
            "listenAddress": f"0.0.0.0:{ACME_PORT}",
            "managementListenAddress": f"0.0.0.0:{MANAGEMENT_PORT}",
            "certificate": TLS,
            "privateKey": TLS,
            "httpPort": self._http_port(service),
            "tlsPort": TLS_PORT,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": False,
        }
        text = json.dumps({"pebble": settings}, indent=2).encode()
        pem = (service._option("directory_certificate") or "").encode()
        return [
            *super().service_files(service),
            File(CONFIG, text, 0o444),
            File(TLS, pem, 0o400, NOBODY, NOBODY, secret=True),
        ]

    @api.private
    def service_health(self, service):
        return ["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{ACME_PORT}"]

    @api.model
    def _http_port(self, service):
        return int(service._option("http_port") or super()._http_port(service))

    @api.model
    def _asks_names(self):
        return True

    @api.model
    def _dns_facts(self, service):
        """Return how pebble reaches the name server it is linked to (dict), or {}."""
        link = service.link_ids.filtered(lambda one: "dns" in one.target._tags())[:1]
        facts = link._facts() if link else {}
        return facts if facts.get("host") and facts.get("port") else {}

    @api.model
    def _account(self, service):
        address, port = service._runner().port_address(service, "acme")
        return Account(
            directory=f"https://{address}:{port}/dir",
            key=self._account_key(service),
            email=service._option("account_email") or "",
            ca_pem=public_part(service._option("directory_certificate") or ""),
            server_name=NAME,
        )

    @api.model
    def _resolver(self, service):
        """Return what the option says, else the name server that pebble itself asks."""
        return super()._resolver(service) or self._linked_resolver(service)

    @api.model
    def _linked_resolver(self, service):
        link = service.link_ids.filtered(lambda one: "dns" in one.target._tags())[:1]
        target = link.target and link.target._exec_service()
        for port in target.port_ids.sorted("udp") if target else ():
            if "dns" in port.name:
                try:
                    return target._runner().port_address(target, port.name)
                except ClouderError as error:
                    self._log(str(error), "warning")
        return None
