from odoo import api, models

from odoo.addons.clouder.lib.wait import wait_for

from ..lib.records import collect

CHALLENGE_TTL = 1
SPREAD_SECONDS = 30


class ClouderDriverBind(models.AbstractModel):
    """Records that prove to a certificate authority whose a name is."""

    _inherit = "clouder.driver.bind"

    @api.private
    def dns_challenge_set(self, service, domain, name, values):
        lines = [[f"{name}.", "TXT", value] for value in values]
        with self._speaking(service, name):
            wanted = collect(lines, domain.name)
            self._server(service).publish(domain.name, {}, wanted, CHALLENGE_TTL)
        self._await_followers(service, name, wanted)

    @api.private
    def dns_challenge_clear(self, service, domain, name):
        with self._speaking(service, name):
            # Checked as a name of this domain, whatever the caller says.
            (key,) = collect([[f"{name}.", "TXT", "-"]], domain.name)
            server = self._server(service)
            _ttl, values = server.look([key]).get(key, (0, ()))
            server.publish(domain.name, {key: tuple(values)}, {}, CHALLENGE_TTL)

    @api.model
    def _await_followers(self, service, name, wanted):
        """Wait until the secondary servers answer the same."""
        for follower in self._secondaries(service):
            server = follower._driver()._server(follower)

            def look(server=server, follower=follower):
                with self._speaking(follower, name):
                    seen = server.look(wanted)
                shown = {
                    key: tuple(sorted(found)) for key, (_ttl, found) in seen.items()
                }
                return shown == wanted, f"{len(shown)} records"

            wait_for(
                self.env._(
                    "%(server)s answers for %(name)s", server=follower.name, name=name
                ),
                look,
                SPREAD_SECONDS,
            )
