"""A real mail container with a world around it, run as Clouder runs it."""

import base64
import datetime
import http.client
import json
import secrets
import smtplib
import ssl
import sys
from pathlib import Path

from clouder_lib.errors import EngineError
from clouder_lib.labels import LABEL_DATABASE
from clouder_lib.spec import ContainerSpec, File, Health, Mount
from clouder_lib.wait import wait_for

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from mail_lib import (  # noqa: E402
    ROOT,
    container,
    identity,
    publication,
    settings,
    tables,
)

KEY = b"test-key" * 4
IMAGE = "clouder-test/postfix:engine"
HOSTNAME = "mx.mail-test.example"
GATEWAY_KEY = "k" * 32
FOLDER = ROOT / "image"


def build(engine, labels):
    """Build the image from the addon's own Dockerfile."""
    dockerfile = "FROM debian:bookworm-slim\n" + (FOLDER / "Dockerfile").read_text()
    files = {
        str(path.relative_to(FOLDER)): path.read_bytes()
        for path in (FOLDER / "clouder-mail").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return engine.image_build(IMAGE, dockerfile, files, labels=labels)


class Container:
    """What the publication writes to."""

    def __init__(self, engine, name):
        self.engine, self.name = engine, name

    def get(self, path):
        try:
            return self.engine.file_get(self.name, path)
        except EngineError:
            return b""

    def put(self, files):
        owners = container.OWNERS
        self.engine.files_put(
            self.name,
            [
                File(
                    path,
                    one.text.encode(),
                    one.mode,
                    owners[one.owner],
                    owners[one.owner],
                )
                for path, one in files.items()
            ],
        )

    def run(self, argv):
        return self.engine.exec(self.name, argv)


class Mail:
    """The mail container, and beside it a peer: an Odoo's gateway and the world."""

    def __init__(self, engine):
        self.engine = engine
        self.labels = {LABEL_DATABASE: f"test-{secrets.token_hex(8)}"}
        self.name = f"tst-mail-{secrets.token_hex(3)}"
        self.peer = f"{self.name}-peer"
        self.network = f"clouder-{self.name}"
        self.place = Container(engine, self.name)
        self.limit = 20
        self.domains = []

    def start(self):
        """Build, start, wait until healthy."""
        self.engine.network_ensure(self.network, self.labels)
        build(self.engine, self.labels)
        self.engine.container_ensure(self._peer_spec(), KEY)
        self.engine.container_ensure(self.spec(), KEY)
        self.engine.wait_ready(self.name, container.HEALTH, 60)
        wait_for("the peer", lambda: (self.look() is not None, "silence"), 20)

    def _peer_spec(self):
        script = (HERE / "mail_peer.py").read_text()
        return ContainerSpec(
            name=self.peer,
            image=IMAGE,
            command=["python3", "-c", script],
            labels=self.labels,
            network=self.network,
            user="nobody",
            stop_timeout=1,
        )

    def spec(self):
        """Return the container the way the driver's spec asks for it."""
        files = settings.render_postfix(
            HOSTNAME,
            5,
            relay_host=f"{self.address(self.peer)}:2525",
            relay_tls="may",
        )
        files["tls.pem"] = identity.self_signed(
            HOSTNAME, datetime.datetime.now(datetime.UTC)
        )
        return ContainerSpec(
            name=self.name,
            image=IMAGE,
            labels=self.labels,
            network=self.network,
            command=container.START,
            cap_add=container.CAPABILITIES,
            tmpfs=container.TMPFS,
            health=Health(container.HEALTH),
            stop_timeout=15,
            mounts=[
                Mount(f"{self.name}.spool", "/var/spool/postfix"),
                Mount(f"{self.name}.mail", "/srv/mail"),
                Mount(f"{self.name}.gate", "/srv/gate"),
                Mount("", container.CONFIG),
            ],
            files=[
                File(f"{container.CONFIG}/{name}", text.encode(), 0o400)
                for name, text in files.items()
            ],
        )

    def address(self, name):
        """Return the address of a container in the network."""
        state = self.engine.container_inspect(name)
        return state["NetworkSettings"]["Networks"][self.network]["IPAddress"]

    def base(self, domain, **values):
        """Return a base's mail, with keys of its own."""
        given = {
            "password": secrets.token_hex(16),
            "key": identity.generate_key(),
            "gateway_key": GATEWAY_KEY,
            "host": self.peer,
            "port": 8069,
        }
        return tables.MailDomain(domain, **{**given, **values})

    def publish(self, *domains):
        """Have the container serve exactly these bases; return whether it changed."""
        return publication.publish(self.place, tables.render(domains, self.limit, KEY))

    def look(self, path="/"):
        """Return what the peer saw, after asking it for ``path``."""
        try:
            connection = http.client.HTTPConnection(
                self.address(self.peer), 8069, timeout=5
            )
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        except OSError:
            return None

    def smtp(self):
        """Return a session with port 25, as a foreign server opens it."""
        session = smtplib.SMTP(self.address(self.name), 25, timeout=30)
        session.ehlo("client.example.org")
        return session

    def submission(self, base=None):
        """Return a session with the submission port, logged in as ``base``."""
        session = smtplib.SMTP(self.address(self.name), 587, timeout=30)
        session.ehlo("client.example.org")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        session.starttls(context=context)
        session.ehlo("client.example.org")
        if base:
            session.login(base.login, base.password)
        return session

    def received(self, recipient):
        """Wait for a message to ``recipient`` in the world; return its bytes."""
        found = []

        def probe():
            rows = self.look()["received"]
            found[:] = [row for row in rows if recipient in row["recipients"]]
            return bool(found), f"{len(rows)} messages"

        wait_for(f"a message to {recipient}", probe, 30)
        return base64.b64decode(found[0]["message"])

    def taken(self, word):
        """Wait for a message that holds ``word`` in the gateway; return it."""
        found = []

        def probe():
            rows = self.look()["taken"]
            found[:] = [row for row in rows if word in row["message"]]
            return bool(found), f"{len(rows)} messages"

        wait_for(f"a message with {word}", probe, 30)
        return found[0]

    def stop(self):
        """Remove everything."""
        api = self.engine.api
        for one in self.engine.container_list(self.labels):
            api.remove_container(one["Id"], force=True, v=True)
        for one in self.engine.volume_list(self.labels):
            api.remove_volume(one["Name"], force=True)
        self.engine.network_remove(self.network, self.labels)
