import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from odoo.tests import BaseCase, tagged

from ..lib import lookup
from ..lib.lookup import LookupFailed

ZONE = {
    ("one.example.com.", "A"): ["192.0.2.1"],
    ("two.example.com.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("six.example.com.", "A"): ["192.0.2.1"],
    ("six.example.com.", "AAAA"): ["2001:db8::1"],
    ("text.example.com.", "TXT"): ['"a" "b"', '"c"'],
    ("shop.example.com.", "CNAME"): ["one.example.com."],
}
NAMES = {name for name, _kind in ZONE} | {"empty.example.com."}


def answer(wire):
    """Return the answer to a question, as a small name server gives it."""
    question = dns.message.from_wire(wire)
    reply = dns.message.make_response(question)
    [asked] = question.question
    name, kind = asked.name.to_text(), dns.rdatatype.to_text(asked.rdtype)
    if name not in NAMES:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    if target := ZONE.get((name, "CNAME")):
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", *target))
        name = target[0]
    if values := ZONE.get((name, kind)):
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
    return reply.to_wire()


@tagged("post_install", "-at_install")
class TestLookup(BaseCase):
    """What DNS says, told by a name server of the test's own."""

    def setUp(self):
        super().setUp()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.server = self.socket.getsockname()
        self.addCleanup(self.socket.close)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                wire, peer = self.socket.recvfrom(4096)
                self.socket.sendto(answer(wire), peer)
            except OSError:
                return

    def test_addresses(self):
        found = lookup.addresses("six.example.com", self.server)
        self.assertEqual(found, {"192.0.2.1", "2001:db8::1"})

    def test_where_a_name_leads(self):
        lookup.check_leads_to("one.example.com", ["192.0.2.1"], self.server)
        lookup.check_leads_to("two.example.com", [], self.server)
        for name, said in (
            ("two.example.com", "leads to 192.0.2.2 in DNS"),
            ("six.example.com", "leads to 2001:db8::1"),
            ("empty.example.com", "no address"),
            ("nobody.example.com", "There is no nobody.example.com"),
        ):
            with self.subTest(name=name), self.assertRaisesRegex(LookupFailed, said):
                lookup.check_leads_to(name, ["192.0.2.1"], self.server)

    def test_what_a_name_stands_for(self):
        found = lookup.other_names("shop.example.com", self.server)
        self.assertEqual(found, {"one.example.com"})
        self.assertEqual(lookup.other_names("one.example.com", self.server), set())
        self.assertEqual(
            lookup.addresses("shop.example.com", self.server), {"192.0.2.1"}
        )

    def test_texts(self):
        found = lookup.texts("text.example.com", self.server)
        self.assertEqual(found, {"ab", "c"})
        self.assertEqual(lookup.texts("nobody.example.com", self.server), set())

    def test_a_server_that_is_away(self):
        self.socket.close()
        with self.assertRaisesRegex(LookupFailed, "does not answer") as caught:
            lookup.addresses("one.example.com", self.server)
        self.assertFalse(caught.exception.certain)

    def test_name_servers(self):
        for text, server in (
            ("", None),
            ("192.0.2.53", ("192.0.2.53", 53)),
            ("192.0.2.53:5353", ("192.0.2.53", 5353)),
            ("2001:db8::1", ("2001:db8::1", 53)),
            ("[2001:db8::1]:54", ("2001:db8::1", 54)),
        ):
            self.assertEqual(lookup.parse_server(text), server)
        for text in ("example.com", "192.0.2.1:x", "192.0.2.1:70000", "1.2.3"):
            with self.subTest(text=text), self.assertRaises(LookupFailed):
                lookup.parse_server(text)
