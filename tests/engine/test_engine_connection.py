"""Engines that are far, dead, or spoken to over TLS."""

import contextlib
import datetime
import ipaddress
import os
import pathlib
import socket
import ssl
import stat
import threading

import pytest
from clouder_lib import errors
from clouder_lib.engine import Engine, Tls
from clouder_lib.engine.stream import _Secured
from clouder_lib.spec import File
from conftest import KEY, URL
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

CHUNK = 65536


def test_facts(engine):
    found = engine.info()
    assert found["cpus"] >= 1
    assert found["memory"] > 100
    assert found["engine_version"]


def test_a_socket_that_does_not_exist(tmp_path):
    with pytest.raises(errors.EngineUnreachable, match="does not exist") as caught:
        Engine(f"unix://{tmp_path}/none.sock").ping()
    assert caught.value.transient
    with pytest.raises(errors.EngineUnreachable):
        Engine(f"unix://{tmp_path}/none.sock").exec("x", ["true"])


def test_a_socket_where_nobody_listens(tmp_path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "dead.sock"))
        with pytest.raises(errors.EngineUnreachable, match="refused"):
            Engine(f"unix://{tmp_path}/dead.sock").container_inspect("x")


def test_a_closed_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(errors.EngineUnreachable, match="refused"):
        Engine(f"tcp://127.0.0.1:{port}").ping()


def test_somebody_who_never_answers():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        with pytest.raises(errors.EngineUnreachable, match="in time"):
            Engine(f"tcp://127.0.0.1:{port}", timeout=1).ping()


def test_somebody_who_hangs_up():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        threading.Thread(target=lambda: sock.accept()[0].close(), daemon=True).start()
        with pytest.raises(errors.EngineUnreachable):
            Engine(f"tcp://127.0.0.1:{port}", timeout=5).ping()


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


class Authority:
    """A certificate authority of one test."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ca")])
        self.cert = self._sign(self.name, self.key, x509.BasicConstraints(True, None))
        self.text = self.cert.public_bytes(serialization.Encoding.PEM).decode()

    def _sign(self, subject, key, *extensions):
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name):
        """Return certificate and key, as PEM, of a server or client on 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        cert = self._sign(subject, key, x509.SubjectAlternativeName([address]))
        return cert.public_bytes(serialization.Encoding.PEM).decode(), pem(key)


class TlsDoor:
    """A TLS port in front of the engine's socket that wants client certificates."""

    def __init__(self, folder, authority):
        cert, key = authority.issue("server")
        for file, text in (("c", cert), ("k", key), ("ca", authority.text)):
            (folder / file).write_text(text)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "c", folder / "k")
        self.context.load_verify_locations(folder / "ca")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                raw, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(raw,), daemon=True).start()

    def _pass(self, raw):
        try:
            near = self.context.wrap_socket(raw, server_side=True)
        except OSError:
            raw.close()
            return
        far = socket.socket(socket.AF_UNIX)
        far.connect(URL.removeprefix("unix://"))
        up = threading.Thread(target=self._copy, args=(near, far), daemon=True)
        up.start()
        self._copy(far, near)
        far.close()
        with contextlib.suppress(OSError):
            socket.socket.shutdown(near, socket.SHUT_RDWR)
        up.join()
        near.close()

    @staticmethod
    def _copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                target.sendall(data)
            if not isinstance(target, ssl.SSLSocket):
                target.shutdown(socket.SHUT_WR)


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def door(tmp_path, authority):
    made = TlsDoor(tmp_path, authority)
    yield made
    made.listener.close()


@pytest.fixture
def secured(door, authority):
    tls = Tls(authority.text, *authority.issue("client"))
    found = Engine(f"tcp://127.0.0.1:{door.port}", tls)
    yield found
    found.close()


def test_everything_over_tls(secured, make, name):
    secured.container_ensure(make(files=[File("/etc/demo/f", b"hello")]), KEY)
    assert secured.file_get(name, "/etc/demo/f") == b"hello"
    assert secured.exec(name, ["cat", "/etc/demo/f"]).output == "hello"
    failed = secured.exec(name, ["sh", "-c", "echo e >&2; exit 5"], check=False)
    assert (failed.status, failed.error) == (5, "e\n")


def test_input_and_its_end_over_tls(secured, running):
    assert (
        secured.exec(running, ["cat"], stdin=b"hello", timeout_s=20).output == "hello"
    )
    data = b"0123456789" * 300_000
    found = secured.exec(
        running, ["sh", "-c", "cat; echo end"], stdin=data, timeout_s=60
    )
    assert found.output.encode() == data + b"end\n"
    assert secured.exec(running, ["wc", "-c"], stdin=b"", timeout_s=20).output == "0\n"


def test_the_end_of_a_secured_stream_is_heard(door, secured):
    near, far = socket.socketpair()

    def speak():
        speaker = door.context.wrap_socket(far, server_side=True)
        speaker.sendall(b"last words")
        with contextlib.suppress(OSError):
            speaker.unwrap()

    threading.Thread(target=speak, daemon=True).start()
    with near:
        codec = _Secured(near, secured._context(), "127.0.0.1")
        heard = b""
        while not codec.ended:
            heard += codec.decode(near.recv(CHUNK))
    assert heard == b"last words"


def test_the_material_is_private_and_goes_with_the_connection(secured):
    secured.ping()
    folder = secured._pem.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o600}
    secured.close()
    assert not folder.exists()


def test_a_foreign_client_is_refused(door, authority):
    tls = Tls(authority.text, *Authority().issue("client"))
    with pytest.raises(errors.EngineError):
        Engine(f"tcp://127.0.0.1:{door.port}", tls).ping()


def test_a_foreign_server_is_refused(door, authority):
    tls = Tls(Authority().text, *authority.issue("client"))
    far = Engine(f"tcp://127.0.0.1:{door.port}", tls)
    with pytest.raises(errors.EngineRefused, match="certificates"):
        far.ping()
    with pytest.raises(errors.EngineRefused, match="certificates"):
        far.exec("x", ["true"])


def test_material_that_is_none(door):
    with pytest.raises(errors.EngineError):
        Engine(f"tcp://127.0.0.1:{door.port}", Tls("no", "no", "no")).ping()


def test_a_forked_process_has_its_own(engine):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"same" if Engine.get(URL) is engine else b"own")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"own"
    os.close(reader)
    os.close(writer)


def test_the_socket_of_the_tests_is_local():
    assert pathlib.Path(URL.removeprefix("unix://")).is_socket()
