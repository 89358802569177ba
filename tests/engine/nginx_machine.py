"""A real nginx with one backend behind it, run as Clouder runs it."""

import datetime
import http.client
import io
import socket
import ssl
import sys
import tarfile
import uuid
from pathlib import Path

import pytest
from clouder_lib.wait import wait_for

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

docker = pytest.importorskip("docker")
from proxy_lib import ROOT, certificate, publication, render, routes  # noqa: E402

NOW = datetime.datetime.now(datetime.UTC)
IMAGE = "clouder-test/proxy:engine"
DOCKERFILE = "FROM debian:bookworm-slim\n" + (ROOT / "templates/Dockerfile").read_text()
ECHO = r"""
use strict; use IO::Socket::INET;
sub serve {
    my ($port, $code) = @_;
    my $server = IO::Socket::INET->new(Listen => 64, LocalPort => $port, ReuseAddr => 1) or die;
    $SIG{CHLD} = "IGNORE";
    while (1) {
        my $client = $server->accept or next;
        next if fork;
        my $head = "";
        while (defined(my $line = <$client>)) { last if $line eq "\r\n"; $head .= $line }
        $code->($client, $head); exit;
    }
}
sub answer {
    my ($client, $body) = @_;
    print $client "HTTP/1.1 200 OK\r\nX-Clouder-Proxy: unknown\r\nConnection: close\r\n",
        "Content-Length: ", length($body), "\r\n\r\n", $body;
}
if (!fork) {
    serve(8072, sub {
        my ($client, $head) = @_;
        return answer($client, "longpolling\n") if $head !~ /^Upgrade: websocket/mi;
        print $client "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n",
            "Connection: Upgrade\r\n\r\n";
        while (sysread($client, my $data, 4096)) { syswrite($client, $data) }
    });
}
serve(8069, sub { answer(@_) });
"""


def free_port():
    """Return a port of this machine that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Proxy:
    """An nginx container and one backend on a network of their own."""

    def __init__(self, api):
        self.api = api
        self.tag = f"clouder-test-{uuid.uuid4().hex[:8]}"
        self.name, self.backend = f"{self.tag}-proxy", f"{self.tag}-back"
        self.blocks, self.pems = [], {}
        self.token = certificate.self_signed("proxy.invalid", NOW)
        self.http, self.https = free_port(), free_port()
        self.site = render.Site(f":{self.https}", 2, 60)

    def start(self):
        """Start both containers the way the driver's spec asks for."""
        self.api.create_network(self.tag)
        self._start_nginx()
        self.api.create_container(
            IMAGE,
            ["perl", "-e", ECHO],
            name=self.backend,
            host_config=self.api.create_host_config(network_mode=self.tag),
        )
        self.api.start(self.backend)

    def _start_nginx(self):
        mounts = [
            {"Type": "volume", "Target": target}
            for target in ("/etc/clouder", render.CONF, render.SPOOL)
        ]
        host_config = self.api.create_host_config(
            network_mode=self.tag,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            read_only=True,
            init=True,
            mounts=mounts,
            tmpfs={"/tmp": "rw,nosuid,nodev,size=256m,mode=1777"},
            port_bindings={
                8080: ("127.0.0.1", self.http),
                8443: ("127.0.0.1", self.https),
            },
        )
        self.api.create_container(
            IMAGE,
            ["nginx", "-c", publication.MAIN],
            name=self.name,
            user="www-data",
            ports=[8080, 8443],
            host_config=host_config,
            stop_signal="SIGQUIT",
        )
        self.put(
            "/etc/clouder",
            [(publication.MAIN, render.render_main(publication.POINTER_GLOB))],
        )
        self.api.start(self.name)

    def stop(self):
        """Remove everything this test made."""
        for name in (self.name, self.backend):
            self.api.remove_container(name, force=True, v=True)
        self.api.remove_network(self.tag)

    def put(self, folder, files):
        """Send ``files`` (path, content) as one tar stream; they lie in ``folder``."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for path, content in files:
                info = tarfile.TarInfo(path.removeprefix(f"{folder}/"))
                info.size, info.mode, info.uid, info.gid = len(content), 0o400, 33, 33
                tar.addfile(info, io.BytesIO(content))
        self.api.put_archive(self.name, folder, stream.getvalue())

    def run(self, *argv):
        """Run ``argv`` in nginx's container; return status and output."""
        made = self.api.exec_create(self.name, list(argv))["Id"]
        output = self.api.exec_start(made)
        return self.api.exec_inspect(made)["ExitCode"], output.decode()

    def publish(self, *wanted):
        """Serve ``wanted`` routes; return the generation that serves them."""
        maps = render.render_maps(wanted)
        sites = render.render_sites(self.site, self.token, self.blocks)
        live = self.live() or publication.NOTHING
        target = publication.next_live(live, 0, maps, sites)
        if target == live:
            return live.generation
        files = [
            publication.part_file(target, maps),
            publication.part_file(target, sites),
        ]
        folder = sites.folder(target.sites.slot)
        pems = {render.default_file(self.token): self.token, **self.pems}
        files += [(f"{folder}/{name}", text.encode()) for name, text in pems.items()]
        self.put(render.CONF, [*files, publication.pointer_file(target)])
        self.api.kill(self.name, "HUP")
        self.wait_live(target.generation)
        return target.generation

    def wait_live(self, generation=0):
        """Wait until nginx says that it serves ``generation`` or a later one."""

        def look():
            live = self.live()
            seen = self.api.logs(self.name, tail=20).decode()
            return live is not None and live.generation >= generation, seen

        wait_for(f"nginx serves generation {generation}", look, 10)

    def live(self):
        """Return what nginx says that it serves, or None."""
        try:
            return publication.parse_live(self.get(routes.GENERATION_HOST)[2])
        except (OSError, http.client.HTTPException, ValueError):
            return None

    def get(self, host, path="/", tls=False, headers=(), method="GET", body=None):
        """Return status, headers (lower case) and body."""
        connection = (
            http.client.HTTPSConnection(
                "127.0.0.1",
                self.https,
                context=ssl._create_unverified_context(),
                timeout=10,
            )
            if tls
            else http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        )
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        content = answer.read().decode()
        connection.close()
        return answer.status, found, content

    def served_certificate(self, host, **versions):
        """Return the certificate (DER) that the TLS handshake for ``host`` shows."""
        context = ssl._create_unverified_context()
        for name, value in versions.items():
            setattr(context, name, value)
        with (
            socket.create_connection(("127.0.0.1", self.https), 10) as plain,
            context.wrap_socket(plain, server_hostname=host) as tls,
        ):
            return tls.getpeercert(True)

    def route(self, host, **more):
        """Return a route to the backend."""
        return routes.Route(host, self.backend, 8069, 8072, **more)
