from odoo import api, models

from odoo.addons.clouder.lib.errors import ClouderError, JobCancelled
from odoo.addons.clouder.lib.spec import File
from odoo.addons.clouder.lib.wait import wait_for
from odoo.addons.clouder.models import job_context

from ..lib.render import render
from ..lib.zone import CATALOG
from .bind import GID, UID

PEERS = "/var/lib/bind/peers"
TELL = ["sh", "/usr/local/bin/clouder-peers", "--tell"]
LIVE = ("deploying", "working", "broken")
FOLLOW_SECONDS = 60
# What writes the list of followers: steps of a link, of a follower, of the server.
LINK_STEPS = ("link_setup", "link_undo")
FOLLOWER_STEPS = (
    "service_links",
    "service_configure",
    "service_withdraw",
    "service_abort",
)
SERVER_STEPS = ("service_configure",)


class ClouderDriver(models.AbstractModel):
    _inherit = "clouder.driver"

    @api.model
    def _follows(self):
        """Tell whether services of this driver may follow a name server."""
        return False


class ClouderDriverBind(models.AbstractModel):
    """Servers that follow this one: they are told of changes, and may copy zones."""

    _inherit = "clouder.driver.bind"

    @api.model
    def _step_lock(self, record, hook):
        """Have those who write one list of followers do so one after the other.

        It is rendered from the records: so each sees what the others committed.
        """
        server = self._listing(record, hook)
        return server._publish_lock() if server else super()._step_lock(record, hook)

    @api.model
    def _listing(self, record, hook):
        """Return the server whose list of followers a step writes; may be empty."""
        if record._name == "clouder.service":
            follows = self._follows()
            steps = FOLLOWER_STEPS if follows else SERVER_STEPS
            server = record.link_ids.target[:1] if follows else record
        elif record._name == "clouder.service.link":
            follows = record.service_id._driver()._follows()
            steps, server = LINK_STEPS if follows else (), record.target
        else:
            return self.env["clouder.service"]
        return server if hook in steps else server.browse()

    @api.model
    def _secondaries(self, service, besides=None):
        """Return the services that follow ``service``, the oldest link first."""
        return self._follower_links(service, besides).service_id

    @api.model
    def _follower_links(self, service, besides=None):
        links = self.env["clouder.service.link"].search(
            [("target", "=", service.id), ("state", "in", LIVE)], order="id"
        )
        links = (links | (besides or links)).sorted("id")
        return links.filtered(lambda one: one.service_id._driver()._follows())

    @api.model
    def _welcome(self, link):
        """Note a new follower; say where this server is and which key opens it."""
        service = link.target
        self._write_peers(service, self._follower_links(service, link))
        key = service._option("transfer_key")
        job_context.know_secret(key)
        host, port = self._reach(service, link.service_id, link)
        return {"host": host, "port": port, "key": key}

    @api.model
    def _withdraw_secondary(self, link):
        service = link.target
        if service.state not in ("draft", "purged"):
            self._write_peers(service, self._follower_links(service) - link)
            self._refresh_zones(service)

    @api.model
    def _write_peers(self, service, links):
        """Keep the list of followers, and have BIND read it."""
        lines = [self._reach(link.service_id, service, link) for link in links]
        content = render("peers.j2", peers=lines)
        peers = File(PEERS, content, mode=0o640, uid=UID, gid=GID)
        runner = service._runner()
        runner.files_put(service, [peers])
        runner.exec(service, TELL)

    @api.model
    def _tell_peers(self, service):
        """Have BIND know where its followers are now."""
        self._write_peers(service, self._follower_links(service))

    @api.model
    def _reach(self, service, other, link):
        """Return host and port under which ``other`` reaches ``service``.

        In one network it is the container, else what is published on its node.
        """
        together = service.environment_id == other.environment_id or link.make_link
        port = service.port_ids.filtered(lambda line: line.name == "dns-tcp")
        if together and service.node_id == other.node_id:
            return service.name, port.local_port
        return self._public_addresses(service)[0], port.hostport

    @api.model
    def _probe_secondary(self, link):
        """See that the follower has the newest list of zones."""
        primary, secondary = link.target, link.service_id

        def probe():
            try:
                ours = self._catalog_serial(primary)
                theirs = self._catalog_serial(secondary)
            except JobCancelled:
                raise
            except ClouderError as error:
                return False, str(error)
            return ours == theirs, f"serial {theirs or '-'} instead of {ours or '-'}"

        wait_for(
            self.env._(
                "%(secondary)s follows %(primary)s",
                secondary=secondary.name,
                primary=primary.name,
            ),
            probe,
            link._probe_seconds(FOLLOW_SECONDS),
        )

    @api.model
    def _catalog_serial(self, service):
        for line in self._rndc(service, "zonestatus", CATALOG).splitlines():
            label, _, value = line.partition(":")
            if label == "serial":
                return value.strip()
        return ""
