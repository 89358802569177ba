"""A real BIND in a container, run as Clouder runs it, and one that follows it."""

import base64
import secrets
import sys
import time
from pathlib import Path

from clouder_lib.labels import LABEL_DATABASE
from clouder_lib.spec import ContainerSpec, File, Mount
from clouder_lib.wait import wait_for

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bind_lib import ROOT, records, render, server, zone

IMAGE = "clouder-test/bind:engine"
UID = 5353
RNDC = ["rndc", "-k", "/run/named/rndc.key", "-p", "9953"]
KEY = b"test-key" * 4


def generate_key():
    """Return a key as the driver makes one."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def build(engine):
    """Build the image as the driver has it built."""
    scripts = {
        name: (ROOT / "image" / name).read_bytes()
        for name in ("clouder-bind", "clouder-peers")
    }
    dockerfile = "FROM debian:bookworm-slim\n" + (ROOT / "image/Dockerfile").read_text()
    engine.image_build(IMAGE, dockerfile, scripts)


class Bind:
    """One name server.

    :param primary: the :class:`Bind` that it follows, if any
    """

    def __init__(self, engine, name, network, database, primary=None):
        self.engine, self.name, self.network = engine, name, network
        self.database, self.primary = database, primary
        self.update_key = generate_key()
        self.transfer_key = primary.transfer_key if primary else generate_key()

    def start(self):
        """Start it, and wait until it answers to rndc."""
        self.engine.container_ensure(self._spec(), KEY)
        self.engine.wait_ready(self.name, [*RNDC, "status"], 60)
        return self

    def _spec(self):
        run = f"rw,nosuid,nodev,noexec,size=4m,mode=0700,uid={UID},gid={UID}"
        return ContainerSpec(
            name=self.name,
            image=IMAGE,
            labels={LABEL_DATABASE: self.database},
            network=self.network,
            user="bind",
            tmpfs={"/run/named": run},
            mounts=(Mount("", "/etc/clouder"), Mount("", "/var/lib/bind")),
            files=self._files(),
        )

    def _files(self):
        keys = [("clouder-transfer", self.transfer_key)]
        if not self.primary:
            keys.append(("clouder-update", self.update_key))
        files = {
            "keys.conf": render.render("keys.conf.j2", keys=keys),
            "named.conf": render.render(
                "named.conf.j2",
                secondary=bool(self.primary),
                catalog=zone.CATALOG,
                responses_per_second=20,
            ),
        }
        if self.primary:
            peers = [(self.primary.name, 5353)]
            files["peers"] = render.render("peers.j2", peers=peers)
        return [
            File(f"/etc/clouder/{name}", content, mode=0o400, uid=UID, gid=UID)
            for name, content in files.items()
        ]

    def rndc(self, *words):
        """Give it an order; return what it said."""
        return self.engine.exec(self.name, [*RNDC, *words]).output

    def follow_with(self, other):
        """Have it tell ``other`` of changes."""
        peers = File(
            "/var/lib/bind/peers",
            render.render("peers.j2", peers=[(other.name, 5353)]),
            uid=UID,
            gid=UID,
        )
        self.engine.files_put(self.name, [peers])
        self.engine.exec(self.name, ["sh", "/usr/local/bin/clouder-peers", "--tell"])

    def client(self, key=None):
        """Return what Clouder speaks to it with."""
        networks = self.engine.container_inspect(self.name)["NetworkSettings"]
        address = networks["Networks"][self.network]["IPAddress"]
        return server.Server(address, 5353, self.update_key if key is None else key)

    def add_zone(self, name):
        """Add a zone, and list it in the catalog."""
        own = zone.own_records(
            name, [f"ns1.{name}"], [(f"ns1.{name}", "A", "192.0.2.9")]
        )
        self._add(name, own, zone.ZONE_FORM)
        self._list(name, {}, self._entry(name))

    def remove_zone(self, name):
        """Remove a zone again."""
        self._list(name, self._entry(name), {})
        self.rndc("delzone", "-clean", name)

    def add_catalog(self):
        """Add the zone that lists the others."""
        self._add(zone.CATALOG, zone.catalog_records(), zone.CATALOG_FORM)

    def _add(self, name, own, form):
        path = f"/var/lib/bind/zones/{name}.{secrets.token_hex(4)}.db"
        text = zone.zone_text(
            name, [f"ns1.{name}"], f"hostmaster@{name}", own, 300, int(time.time())
        )
        self.engine.files_put(self.name, [File(path, text, uid=UID, gid=UID)])
        self.rndc("addzone", name, form % path)

    def _entry(self, name):
        return {(zone.catalog_label(name), "PTR"): (f"{name}.",)}

    def _list(self, name, before, wanted):
        self.client().publish(zone.CATALOG, before, wanted, 60)

    def dig(self, *words):
        """Return what ``dig`` in the container prints, short."""
        argv = ["dig", "+short", "+time=2", "@127.0.0.1", "-p", "5353", *words]
        return self.engine.exec(self.name, argv).output.splitlines()

    def wait_serves(self, name, served=True):
        """Wait until it answers for a zone, or no longer does."""

        def look():
            status = self.dig(name, "SOA")
            return bool(status) == served, str(status)

        wait_for(f"{self.name} serves {name}: {served}", look, 60)


def wanted(host, *lines):
    """Return checked records of ``host``."""
    return records.collect(lines, host)
