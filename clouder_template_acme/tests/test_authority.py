import http.server
import json
import ssl
import tempfile
import threading
from pathlib import Path

from odoo.tests import BaseCase, tagged

from odoo.addons.clouder_template_proxy.lib.certificate import public_part

from ..lib.authority import Account, Authority
from ..lib.failure import AccountRefused, AuthorityRefused, AuthorityUnreachable
from ..lib.keys import account_key, generate_key
from .common import issue

PAGES = {
    "/dir": (200, {"newNonce": "/nonce", "newAccount": "/account"}),
    "/error": (
        429,
        {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many"},
    ),
    "/text": (200, "hello"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    """Something that is hardly an authority."""

    def do_GET(self):
        """Answer one of the pages."""
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/dir")
            self.end_headers()
            return
        status, body = PAGES[self.path]
        self.send_response(status)
        kind = "application/problem+json" if status != 200 else "application/json"
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_args):
        """Stay silent."""


@tagged("post_install", "-at_install")
class TestAuthority(BaseCase):
    """What is believed of who answers at a directory, and what people are told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        key, cls.pem = issue(["ca.example.com"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "pair.pem")
            path.write_text(key + cls.pem)
            context.load_cert_chain(path)
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        cls.server.socket = context.wrap_socket(cls.server.socket, server_side=True)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.url = f"https://127.0.0.1:{cls.server.server_address[1]}"

    def ask(self, path, **values):
        given = {
            "ca_pem": public_part(self.pem),
            "server_name": "ca.example.com",
            **values,
        }
        return Authority(Account(f"{self.url}{path}", generate_key(), **given))

    def test_only_the_given_certificate_is_trusted(self):
        with self.assertRaisesRegex(AuthorityUnreachable, "certificate verify failed"):
            self.ask("/text", ca_pem=issue(["ca.example.com"])[1])
        with self.assertRaisesRegex(AuthorityUnreachable, "certificate verify failed"):
            self.ask("/text", ca_pem="", server_name="")
        with self.assertRaisesRegex(AuthorityUnreachable, "match"):
            self.ask("/text", server_name="other.example.com")

    def test_what_is_no_authority(self):
        with self.assertRaisesRegex(AuthorityUnreachable, "is no ACME authority"):
            self.ask("/text")
        with self.assertRaises(AuthorityUnreachable):
            self.ask("/dir")

    def test_it_leads_nowhere_else_than_to_https(self):
        with self.assertRaisesRegex(AuthorityUnreachable, "connection adapters"):
            self.ask("/moved")

    def test_its_own_words_are_told(self):
        with self.assertRaisesRegex(AuthorityRefused, "too many"):
            self.ask("/error")

    def test_settings_that_cannot_be_right(self):
        for values in (
            {"ca_pem": "nonsense"},
            {"ca_pem": "-----BEGIN CERTIFICATE-----"},
        ):
            with self.subTest(values), self.assertRaises(AccountRefused):
                self.ask("/text", **values)
        with self.assertRaisesRegex(AccountRefused, "https address"):
            Authority(Account("http://127.0.0.1/dir", generate_key()))
        with self.assertRaises(AccountRefused):
            account_key("no key")
        with self.assertRaises(AccountRefused):
            account_key(self.pem)
