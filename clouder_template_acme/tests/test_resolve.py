import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from odoo.tests import BaseCase, tagged

from ..lib import resolve
from ..lib.failure import NotReady

ZONE = {
    ("one.example.com.", "A"): ["192.0.2.1"],
    ("two.example.com.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("six.example.com.", "A"): ["192.0.2.1"],
    ("six.example.com.", "AAAA"): ["2001:db8::1"],
    ("text.example.com.", "TXT"): ['"a" "b"', '"c"'],
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
    elif values := ZONE.get((name, kind)):
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
    return reply.to_wire()


@tagged("post_install", "-at_install")
class TestResolve(BaseCase):
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
        found = resolve.addresses("six.example.com", self.server)
        self.assertEqual(found, {"192.0.2.1", "2001:db8::1"})

    def test_where_a_name_leads(self):
        resolve.check_leads_to("one.example.com", ["192.0.2.1"], self.server)
        resolve.check_leads_to("two.example.com", [], self.server)
        for name, said in (
            ("two.example.com", "leads to 192.0.2.2 in DNS"),
            ("six.example.com", "leads to 2001:db8::1"),
            ("empty.example.com", "no address"),
            ("nobody.example.com", "There is no nobody.example.com"),
        ):
            with self.subTest(name=name), self.assertRaisesRegex(NotReady, said):
                resolve.check_leads_to(name, ["192.0.2.1"], self.server)

    def test_texts(self):
        found = resolve.texts("text.example.com", self.server)
        self.assertEqual(found, {"ab", "c"})
        self.assertEqual(resolve.texts("nobody.example.com", self.server), set())

    def test_a_server_that_is_away(self):
        self.socket.close()
        with self.assertRaisesRegex(NotReady, "does not answer"):
            resolve.addresses("one.example.com", self.server)

    def test_name_servers(self):
        for text, server in (
            ("", None),
            ("192.0.2.53", ("192.0.2.53", 53)),
            ("192.0.2.53:5353", ("192.0.2.53", 5353)),
            ("2001:db8::1", ("2001:db8::1", 53)),
            ("[2001:db8::1]:54", ("2001:db8::1", 54)),
        ):
            self.assertEqual(resolve.parse_server(text), server)
        for text in ("example.com", "192.0.2.1:x", "192.0.2.1:70000", "1.2.3"):
            with self.subTest(text=text), self.assertRaises(NotReady):
                resolve.parse_server(text)
