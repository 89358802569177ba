"""The demonstration is believed only when the authority itself vouches for it."""

import contextlib
import datetime
import http.server
import ipaddress
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from devtool import authority, visit
from devtool.console import Stop

HOST, LOCAL = "hello.demo.localhost", "127.0.0.1"


class Signer:
    """A certificate and its key, signed by another one or by itself."""

    def __init__(self, name, issuer=None, ca=True):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        issuer = issuer or self
        now = datetime.datetime.now(datetime.UTC)
        public, above = self.key.public_key(), issuer.key.public_key()
        known = x509.AuthorityKeyIdentifier.from_issuer_public_key(above)
        extensions = [
            (x509.BasicConstraints(ca, None), True),
            (x509.SubjectKeyIdentifier.from_public_key(public), False),
            (known, False),
            (x509.SubjectAlternativeName([x509.DNSName(name)]), False),
        ]
        if ca:
            words = dict.fromkeys(
                ("content_commitment", "key_encipherment", "data_encipherment",
                 "key_agreement", "crl_sign", "encipher_only", "decipher_only"), False
            )  # fmt: skip
            usage = x509.KeyUsage(digital_signature=True, key_cert_sign=True, **words)
            extensions.append((usage, True))
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        made = builder.sign(issuer.key, hashes.SHA256())
        self.pem = made.public_bytes(serialization.Encoding.PEM).decode()

    def pair(self, *chain):
        """Return the key, this certificate and those above, in one PEM text."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return key.decode() + self.pem + "".join(one.pem for one in chain)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the path, or with what the server has for it."""

    def do_GET(self):
        body = self.server.pages.get(self.path)
        self.send_response(200 if body else 404)
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, *words):
        """Say nothing."""


@contextlib.contextmanager
def serving(folder, pem, pages):
    """Serve `pages` over HTTPS with the key and chain `pem`; give the port."""
    file = folder / "server.pem"
    file.write_text(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with http.server.ThreadingHTTPServer((LOCAL, 0), Handler) as server:
        server.pages = pages
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_only_the_root_vouches(tmp_path):
    root = Signer("root")
    middle = Signer("middle", root)
    leaf = Signer(HOST, middle, ca=False)
    trusted = tmp_path / "authority.pem"
    with serving(tmp_path, leaf.pair(middle), {"/web/login": "x"}) as port:
        trusted.write_text(root.pem)
        assert visit.status_of(HOST, LOCAL, port, str(trusted)) == 200
        for other in (middle, Signer("root")):
            trusted.write_text(other.pem)
            with pytest.raises(ssl.SSLCertVerificationError, match="VERIFY_FAILED"):
                visit.status_of(HOST, LOCAL, port, str(trusted))


class Engine:
    """Knows the address of one container."""

    def __init__(self, address):
        self.address = address

    def json(self, path):
        """Answer as the Docker Engine does."""
        assert path == "/containers/demo-pebble/json"
        networks = {"clouder-demo": {"IPAddress": str(self.address)}}
        return {"NetworkSettings": {"Networks": networks}}


def test_the_authority_is_asked_for_its_root(tmp_path, monkeypatch):
    engine = Engine(ipaddress.ip_address(LOCAL))
    with serving(tmp_path, Signer("x").pair(), {"/roots/0": "ROOT"}) as port:
        monkeypatch.setattr(authority, "MANAGEMENT_PORT", port)
        assert authority.root(engine, "demo-pebble") == "ROOT"
    with serving(tmp_path, Signer("x").pair(), {}) as port:
        monkeypatch.setattr(authority, "MANAGEMENT_PORT", port)
        with pytest.raises(Stop, match="answers with 404"):
            authority.root(engine, "demo-pebble")
    with pytest.raises(Stop, match="does not answer"):
        authority.root(engine, "demo-pebble")
