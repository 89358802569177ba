"""One question to one web server."""

import contextlib
import datetime
import http.server
import ssl
import threading

import pytest
from clouder_lib.errors import ClouderError
from clouder_lib.http import (
    BODY_LIMIT,
    HttpFailed,
    http_get,
    http_knock,
    tls_certificate,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
        else:
            self.send_response(200)
        self.send_header("X-Host", self.headers["Host"])
        self.end_headers()
        self.wfile.write(b"x" * (BODY_LIMIT + 9) if self.path == "/big" else b"page")

    def log_message(self, *_args):
        """Stay silent."""


@contextlib.contextmanager
def serving(context=None, handler=Handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def self_signed(folder):
    """Return the PEM of a certificate for another name, and a context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "default")])
    now = datetime.datetime.now(datetime.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    pem = cert.public_bytes(serialization.Encoding.PEM)
    (folder / "c.pem").write_bytes(pem)
    (folder / "k.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "c.pem", folder / "k.pem")
    return pem.decode(), context


def test_an_answer():
    with serving() as port:
        status, headers, body = http_get(
            "127.0.0.1", port, "shop.example.com", "/x?a=b"
        )
    assert (status, headers["x-host"], body) == (200, "shop.example.com", b"page")


def test_redirects_are_not_followed_and_bodies_are_limited():
    with serving() as port:
        status, headers, _body = http_get("127.0.0.1", port, "a", "/moved")
        assert (status, headers["location"]) == (302, "/elsewhere")
        assert len(http_get("127.0.0.1", port, "a", "/big")[2]) == BODY_LIMIT


def test_no_answer():
    with pytest.raises(HttpFailed, match="refused") as caught:
        http_get("127.0.0.1", 9, "a")
    assert caught.value.transient
    assert isinstance(caught.value, ClouderError)


@pytest.mark.parametrize("host", ["", "a\r\nX: y", "a b", "-a", "a/b", "a\n"])
def test_hosts_that_are_none(host):
    with pytest.raises(HttpFailed, match="no address"):
        http_get("127.0.0.1", 9, host)


@pytest.mark.parametrize("path", ["", "x", "/a b", "/a\r\nX: y", "/é", "/\n"])
def test_paths_that_are_none(path):
    with pytest.raises(HttpFailed, match="no address"):
        http_get("127.0.0.1", 9, "a", path)


def test_only_the_given_certificate_is_trusted(tmp_path):
    pem, context = self_signed(tmp_path)
    (tmp_path / "other").mkdir()
    other, _context = self_signed(tmp_path / "other")
    with serving(context) as port:
        found = http_get("127.0.0.1", port, "shop.test", tls=True, ca_pem=pem)
        assert found[0] == 200
        for trusted in (other, ""):
            with pytest.raises(HttpFailed, match="certificate"):
                http_get("127.0.0.1", port, "shop.test", tls=True, ca_pem=trusted)


def test_a_knock_asks_at_once_and_waits_for_nothing():
    met = threading.Barrier(3)

    class Slow(Handler):
        def do_GET(self):
            met.wait(10)
            super().do_GET()

    with serving(handler=Slow) as port:
        http_knock("127.0.0.1", port, "a.test", "/", times=2)
        met.wait(10)  # both are being answered while we go on


def test_a_knock_promises_nothing(monkeypatch):
    with serving() as port:
        pass
    faults, before = [], set(threading.enumerate())
    monkeypatch.setattr(threading, "excepthook", faults.append)
    http_knock("127.0.0.1", port, "a.test", "/")
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert not faults


def test_the_certificate_that_is_shown(tmp_path):
    pem, context = self_signed(tmp_path)
    with serving(context) as port:
        shown = tls_certificate("127.0.0.1", port, "shop.example.com")
    assert shown == ssl.PEM_cert_to_DER_cert(pem)


def test_no_certificate_is_shown():
    with serving() as port, pytest.raises(HttpFailed, match="No certificate"):
        tls_certificate("127.0.0.1", port, "shop.example.com", 2)
    with pytest.raises(HttpFailed, match="no address"):
        tls_certificate("127.0.0.1", 1, "shop example")
