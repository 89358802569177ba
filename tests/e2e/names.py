"""A real name server for the tests of names, and questions to it."""

import subprocess

import dns.message
import dns.query
import dns.rcode

from .client import PREFIX
from .conftest import deploy, service

DOMAIN = "names.test"
SUFFIX = "bind"


def deployed(infra, code, suffix):
    """Have a name server that is not published: tests reach it in its network."""
    api = infra.api
    made = api.find(
        "clouder.service",
        ("environment_id", "=", infra.environment),
        ("suffix", "=", suffix),
    ) or service(api, infra.environment, infra.node, code, suffix)
    lines = api("clouder.service.port", "search", [("service_id", "=", made)])
    api("clouder.service.port", "write", lines, {"expose": "local", "hostport": 0})
    deploy(api, made)
    return made


class NameServer:
    """What a deployed name server answers."""

    def __init__(self, engine, suffix):
        self.container = engine.containers.get(f"{PREFIX}-{suffix}")

    @property
    def address(self):
        """Return its address in its environment's network."""
        self.container.reload()
        networks = self.container.attrs["NetworkSettings"]["Networks"]
        return networks[f"clouder-{PREFIX}"]["IPAddress"]

    def ask(self, name, kind="A"):
        """Return the values of the answer, in presentation format, sorted."""
        question = dns.message.make_query(name, kind)
        reply = dns.query.tcp(question, self.address, 10, 5353)
        return sorted(value.to_text() for rrset in reply.answer for value in rrset)

    def code(self, name):
        """Return the code of the answer: NOERROR, NXDOMAIN, REFUSED …"""
        question = dns.message.make_query(name, "A")
        reply = dns.query.udp(question, self.address, 10, 5353)
        return dns.rcode.to_text(reply.rcode())

    def serial(self, zone):
        """Return the serial number of a zone."""
        return int(self.ask(zone, "SOA")[0].split()[2])

    def dig(self, *words):
        """Return what Debian's ``dig`` says, run beside the server."""
        argv = ["dig", "+short", "@127.0.0.1", "-p", "5353", *words]
        done = subprocess.run(
            ["docker", "exec", self.container.name, *argv],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()
