import dns.rcode

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..lib.records import collect, to_lines
from ..lib.server import ServerRefused
from .bind import DnsRefused

BASE_LINK = "clouder.base.link"


class ClouderDriverBind(models.AbstractModel):
    """Links of bases: their host names, and what their other links ask for."""

    _inherit = "clouder.driver.bind"

    @api.private
    def link_after(self, link):
        """Come last: the other links say which records they want."""
        if link._name != BASE_LINK:
            return super().link_after(link)
        return super().link_after(link) | link._siblings()

    @api.private
    def link_provide(self, link):
        """Publish what the other links of the base ask for, in one update."""
        if link._name != BASE_LINK:
            return self._provide_secondary(link)
        super().link_provide(link)
        service, domain = link.target, link.base_id.domain_id
        self._hold_zone(domain)
        domain._settle_dns(service)
        host = link.base_id.fulldomain
        with self._speaking(service, host):
            wanted = self._wanted_records(link)
        link._check_names({name for name, _kind in wanted})
        sent, known = link._sent(), link._known_records()
        before = known.pop(domain.name, {})
        with self._speaking(service, host):
            server = self._server(service)
            if domain.zone_service_id != service or not server.serves(domain.name):
                self._have_zone(service, domain)
            link._note_sending(domain.name, wanted)
            server.publish(domain.name, before, wanted, self._ttl(service))
        # What it had in another zone, under the name that it bore there.
        self._take_back(link, known)
        sent.unlink()
        return {"zone": domain.name, "records": to_lines(wanted)}

    @api.model
    def _hold_zone(self, domain):
        """Keep the zone from being removed until this transaction has ended.

        The jobs of the domain hold the same lock, for themselves alone.
        """
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))",
                f"{domain._name},{domain.id}",
            )
        )

    @api.model
    def _wanted_records(self, link):
        """Return what the other links of the base ask for.

        :raise RecordRefused: something that must not be published
        """
        lines = [
            line
            for other in link._siblings()
            for line in other._facts().get("dns_records", [])
        ]
        return collect(lines, link.base_id.fulldomain)

    @api.private
    def link_probe(self, link):
        """See that the server answers with what the base has published."""
        super().link_probe(link)
        if link._name != BASE_LINK:
            self._probe_secondary(link)
            return
        service, domain = link.target, link.base_id.domain_id
        host = link.base_id.fulldomain
        with self._speaking(service, host):
            wanted = self._wanted_records(link)
            link._check_names({name for name, _kind in wanted})
            server = self._server(service)
            seen = server.look(wanted)
        self._compare(service, wanted, seen)
        with self._speaking(service, host):
            self._probe_udp(server, *next(iter(wanted), (domain.name, "SOA")))

    @api.model
    def _compare(self, service, wanted, seen):
        """Refuse what the server was ``seen`` to answer when it is not what is ``wanted``."""
        for key, values in wanted.items():
            found = seen.get(key, (0, frozenset()))[1]
            if found != frozenset(values):
                raise DnsRefused(
                    self.env._(
                        "%(server)s answers “%(seen)s” for %(name)s %(type)s, not "
                        "“%(wanted)s”. Deploy the link again.",
                        server=service.name,
                        seen=", ".join(sorted(found)) or "-",
                        name=key[0],
                        type=key[1],
                        wanted=", ".join(values),
                    )
                )

    @api.model
    def _probe_udp(self, server, name, kind):
        """See that ``server`` answers as resolvers ask: over UDP.

        :raise ServerRefused: it does not
        """
        answer = server.ask_udp(name, kind)
        if not answer.answer:
            code = dns.rcode.to_text(answer.rcode())
            raise ServerRefused(f"it answers {code} for {name}", code)

    @api.private
    def link_withdraw(self, link):
        """Remove what the base has published, and nothing else."""
        super().link_withdraw(link)
        if link._name != BASE_LINK:
            self._withdraw_secondary(link)
            return
        if link.target.state not in ("draft", "purged"):
            self._take_back(link, link._known_records())
        link._forget_records()

    @api.model
    def _take_back(self, link, known):
        """Remove what the server may hold of ``link``.

        :param dict known: of a zone to the records in it
        """
        service = link.target
        for zone, records in known.items():
            with self._speaking(service, link.base_id.fulldomain):
                server, own = self._server(service), link._only_own(records)
                server.publish(zone, own, {}, self._ttl(service))

    @api.model
    def _provide_secondary(self, link):
        """Let another name server follow this one."""
        if not link._owner()._driver()._follows():
            raise UserError(
                self.env._(
                    "%(owner)s cannot be linked to the name server %(server)s: it "
                    "answers for bases. Move the link to the bases of the application.",
                    owner=link._owner().display_name,
                    server=link.target.name,
                )
            )
        return self._welcome(link)
