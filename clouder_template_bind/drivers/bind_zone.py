import secrets
import time

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clouder.lib.errors import (
    ClouderError,
    CommandFailed,
    EngineError,
    JobCancelled,
)
from odoo.addons.clouder.lib.spec import File

from ..lib import zone as zones
from ..lib.records import address_lines, from_lines, is_within, to_lines
from .bind import GID, UID

CATALOG_TTL = 60


class ClouderDriverBind(models.AbstractModel):
    """Zones: made and removed while the server runs."""

    _inherit = "clouder.driver.bind"

    @api.private
    def domain_deploy(self, domain):
        """Have the zone, with its name servers, and the wildcard if it is wanted."""
        super().domain_deploy(domain)
        self._have_zone(domain.dns_id, domain)

    @api.private
    def domain_purge(self, domain):
        """Remove the zone; none of its bases may be using it."""
        super().domain_purge(domain)
        service = domain.zone_service_id
        domain._refuse_used_zone()
        if not service or service.state in ("draft", "purged"):
            return
        with self._speaking(service, domain.name):
            self._list_zone(service, domain.name, listed=False)
        self._delete_zone(service, domain.name)

    @api.private
    def service_configure(self, service):
        """Have the catalog and the zones; bring back those that were lost."""
        super().service_configure(service)
        self._have_catalog(service)
        self._tell_peers(service)
        self._refresh_zones(service)

    @api.private
    def service_purge(self, service):
        """Note that its zones are no longer served; they come back with it."""
        super().service_purge(service)
        domains = self.env["clouder.domain"].search(
            [("zone_service_id", "=", service.id)]
        )
        domains.zone_state = "none"

    @api.model
    def _refresh_zones(self, service):
        """Have all zones of ``service`` as the records say.

        A zone that cannot be had is noted on its domain: the others do not suffer by it.

        :raise EngineError: the server itself, or its node, cannot be asked
        """
        domains = self.env["clouder.domain"].search(
            ["|", ("zone_service_id", "=", service.id), ("dns_id", "=", service.id)]
        )
        for domain in domains.filtered(lambda one: one._is_zone_wanted(service)):
            try:
                self._have_zone(service, domain)
            except (JobCancelled, EngineError):
                raise
            except (ClouderError, UserError) as error:
                domain._note_zone_failed(str(error))
                self._log(
                    self.env._(
                        "The zone %(zone)s is not as it should be on %(server)s: "
                        "%(reason)s",
                        zone=domain.name,
                        server=service.name,
                        reason=error,
                    ),
                    "warning",
                )

    @api.model
    def _have_zone(self, service, domain):
        """Have the zone of ``domain`` on ``service``, as its records say."""
        domain._check_zone(service)
        server, name = self._server(service), domain.name
        wanted = self._own_records(service, domain)
        with self._speaking(service, name):
            new = not server.serves(name)
            if new:
                self._add_zone(service, name, wanted)
            before = from_lines(domain.zone_records or [])
            server.publish(name, before, wanted, self._ttl(service))
            self._list_zone(service, name, listed=True)
            if new:
                self._restore_bases(service, domain)
        domain._note_zone(service, to_lines(wanted))

    @api.model
    def _add_zone(self, service, name, records, form=zones.ZONE_FORM):
        """Add a zone; when somebody else is faster, theirs stays untouched."""
        path = f"/var/lib/bind/zones/{name}.{secrets.token_hex(4)}.db"
        text = zones.zone_text(
            name,
            self._name_servers(service, name),
            service._option("hostmaster") or f"hostmaster@{name}",
            records,
            self._ttl(service),
            int(time.time()),
        )
        runner = service._runner()
        runner.files_put(service, [File(path, text, mode=0o640, uid=UID, gid=GID)])
        try:
            self._rndc(service, "addzone", name, form % path)
        except CommandFailed as error:
            runner.exec(service, ["rm", "-f", "--", path])
            if "already exists" not in error.detail:
                raise
        self._log(
            self.env._("%(server)s serves %(zone)s", server=service.name, zone=name),
            "output",
        )

    @api.model
    def _delete_zone(self, service, name):
        try:
            self._rndc(service, "delzone", "-clean", name)
        except CommandFailed as error:
            if "not found" not in error.detail:
                raise

    @api.model
    def _have_catalog(self, service):
        """Have the zone that tells the secondary servers which zones there are."""
        with self._speaking(service, zones.CATALOG):
            if not self._server(service).serves(zones.CATALOG):
                self._add_zone(
                    service, zones.CATALOG, zones.catalog_records(), zones.CATALOG_FORM
                )

    @api.model
    def _list_zone(self, service, name, listed):
        key = (zones.catalog_label(name), "PTR")
        entry = {key: (f"{name}.",)}
        before, wanted = ({}, entry) if listed else (entry, {})
        self._server(service).publish(zones.CATALOG, before, wanted, CATALOG_TTL)

    @api.model
    def _ttl(self, service):
        return int(service._option("ttl") or 300)

    @api.model
    def _name_servers(self, service, zone):
        """Return the host names of the zone's servers, the primary one's first."""
        words = (service._option("name_servers") or "").replace(",", " ").split()
        given = [word.lower().removesuffix(".") for word in words]
        count = 1 + len(self._secondaries(service))
        return given or [f"ns{number}.{zone}" for number in range(1, count + 1)]

    @api.model
    def _own_records(self, service, domain):
        """Return what the zone holds besides the records of its bases."""
        name, addresses = domain.name, []
        servers = self._name_servers(service, name)
        with self._speaking(service, name):
            for server, machine in zip(
                servers, (service, *self._secondaries(service)), strict=False
            ):
                if is_within(server, name):
                    found = self._public_addresses(machine)
                    addresses += address_lines(server, found)
            if domain.wildcard_target:
                found = self._public_addresses(domain.wildcard_target)
                addresses += address_lines(f"*.{name}", found)
            return zones.own_records(name, servers, addresses)

    @api.model
    def _public_addresses(self, service):
        """Return the addresses under which people reach ``service``.

        :raise UserError: nobody said them
        """
        found = service.node_id._public_addresses()
        if not found:
            raise UserError(
                self.env._(
                    "Node %(node)s has no public IP, so no name can point to "
                    "%(service)s: give it one.",
                    node=service.node_id.name,
                    service=service.name,
                )
            )
        return found

    @api.model
    def _restore_bases(self, service, domain):
        """Publish again what the bases of a new zone had published before."""
        server = self._server(service)
        for link in domain._zone_links():
            records = from_lines(link._facts().get("records", []))
            server.publish(domain.name, {}, records, self._ttl(service))
