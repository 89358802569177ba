"""Where the proofs for an authority are shown."""

import base64
import os

from odoo.addons.clouder.lib.errors import ClouderError
from odoo.addons.clouder.lib.lookup import texts
from odoo.addons.clouder.lib.wait import wait_for

from ..lib.failure import NotReady

ASK_SECONDS = 10
SPREAD_SECONDS = 60
CHALLENGE = "_acme-challenge"


def _token():
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


class HttpAnswers:
    """Answers that the proxies of a base give on port 80.

    :param record: the base
    :param proxies: services (tag ``proxy``) that serve it
    """

    kind = "http-01"

    def __init__(self, record, proxies):
        self.record, self.proxies, self.shown = record, proxies, []

    def put(self, proofs):
        """Have every proxy answer ``proofs``."""
        for proof in proofs:
            for proxy in self.proxies:
                self.shown.append((proxy, proof))
                proxy._driver().certificate_answer(
                    proxy, proof.name, proof.token, proof.text
                )

    def clear(self):
        """Take the answers away; one that stays harms nobody."""
        for proxy, proof in self.shown:
            try:
                proxy._driver().certificate_answer_clear(proxy, proof.name, proof.token)
            except ClouderError as error:
                self.record._log_certificate(str(error), "warning")
        self.shown = []

    def rehearse(self):
        """See that DNS leads to the proxies and that these answer; no authority is asked.

        :raise ClouderError: it would be asked in vain
        """
        self.record._check_names_lead_to(self._addresses())
        self._check_port()
        for name in self.record._certificate_names():
            for proxy in self.proxies:
                self._rehearse(proxy, name)

    def _check_port(self):
        """See that the proxies answer at the port at which the authority asks."""
        authority = self.record._certificate_authority()
        if authority._option("check_dns") == "false":
            return
        port = authority._driver()._http_port(authority)
        for proxy in self.proxies:
            published = proxy._published_ports().get("http")
            if published != port:
                raise NotReady(
                    f"{authority.name} asks for proofs at port {port}, but {proxy.name} "
                    f"answers at port {published or '-'} of its node.",
                    "Publish it there, or use dns-01 as the challenge.",
                )

    def _addresses(self):
        """Return the addresses at which the world finds the proxies; [] when unknown."""
        return [
            address
            for node in self.proxies.node_id
            for address in node._public_addresses()
        ]

    def _rehearse(self, proxy, name):
        driver, token, text = proxy._driver(), _token(), _token()
        driver.certificate_answer(proxy, name, token, text)
        try:
            path = f"/.well-known/acme-challenge/{token}"
            status, _headers, body = proxy._runner().http_get(
                proxy, "http", name, path, timeout=ASK_SECONDS
            )
        finally:
            driver.certificate_answer_clear(proxy, name, token)
        if status != 200 or body.decode("utf-8", "replace").strip() != text:
            raise NotReady(
                f"{proxy.name} does not show a proof for {name} (status {status}).",
                "Deploy the proxy again.",
            )


class DnsAnswers:
    """TXT records that the DNS service of a domain shows.

    :param record: the base or domain
    :param service: service (tag ``dns``)
    :param domain: ``clouder.domain`` with the zone
    :param resolver: name server that tells whether they are seen, or None
    """

    kind = "dns-01"

    def __init__(self, record, service, domain, resolver):
        self.record, self.service, self.domain = record, service, domain
        self.resolver, self.shown = resolver, set()

    def put(self, proofs):
        """Have the name server show ``proofs``; wait until they are seen."""
        values = {}
        for proof in proofs:
            values.setdefault(f"{CHALLENGE}.{proof.name}", []).append(proof.text)
        driver = self.service._driver()
        for name, wanted in values.items():
            self.shown.add(name)
            driver.dns_challenge_set(self.service, self.domain, name, wanted)
            self._await(name, set(wanted))

    def _await(self, name, wanted):
        def look():
            found = texts(name, self.resolver)
            return wanted <= found, f"{len(found)} TXT records"

        wait_for(f"DNS shows the proof at {name}", look, SPREAD_SECONDS)

    def clear(self):
        """Remove the records; one that stays harms nobody."""
        driver = self.service._driver()
        for name in self.shown:
            try:
                driver.dns_challenge_clear(self.service, self.domain, name)
            except ClouderError as error:
                self.record._log_certificate(str(error), "warning")
        self.shown = set()

    def rehearse(self):
        """See that the name server takes a record and shows it; no authority is asked.

        :raise ClouderError: it would be asked in vain
        """
        names = {name.removeprefix("*.") for name in self.record._certificate_names()}
        driver, text = self.service._driver(), _token()
        for name in sorted(names):
            asked = f"{CHALLENGE}.{name}"
            try:
                driver.dns_challenge_set(self.service, self.domain, asked, [text])
                self._await(asked, {text})
            finally:
                driver.dns_challenge_clear(self.service, self.domain, asked)
