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
    unpublish(api, made)
    deploy(api, made)
    return made


def unpublish(api, record):
    """Have a service take no port of the machine."""
    lines = api("clouder.service.port", "search", [("service_id", "=", record)])
    api("clouder.service.port", "write", lines, {"expose": "local", "hostport": 0})


def ended(api, job, state="done"):
    """Wait for the end of a job, which has to be ``state``; return its status."""
    status = api.follow(job)
    assert status["state"] == state, api.story(status)
    return status


def zone(infra, server, name):
    """Have a domain whose names a name server answers for; return its id."""
    api = infra.api
    found = api.find("clouder.domain", ("name", "=", name))
    made = found or api.create(
        "clouder.domain", {"name": name, "organisation": "E2E", "dns_id": server}
    )
    ended(api, api("clouder.domain", "deploy_zone", [made]))
    assert api.read("clouder.domain", made, "zone_state") == "served"
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

    def texts(self, name):
        """Return the TXT records of a name, the parts of each put together."""
        question = dns.message.make_query(name, "TXT")
        reply = dns.query.tcp(question, self.address, 10, 5353)
        return [b"".join(value.strings) for rrset in reply.answer for value in rrset]

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
