"""The mail server of the end-to-end tests, and the world that its mail goes to."""

import contextlib
import json
import smtplib
import socket
import ssl
import threading

from aiosmtpd.controller import Controller
from clouder_lib.wait import wait_for

from .client import PREFIX
from .conftest import DOMAIN, deploy, service

SUFFIX = "postfix"
HOURLY_LIMIT = 40


class World:
    """An SMTP server on this machine that takes everything.

    :param address: of this machine, in a network of containers; they find it at ``relay``
    """

    def __init__(self, address):
        self.received = []
        self.arrived = threading.Lock()
        with socket.create_server((address, 0)) as free:
            port = free.getsockname()[1]
        self.relay = f"{address}:{port}"
        self.controller = Controller(self, hostname=address, port=port)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 the name that aiosmtpd calls
        with self.arrived:
            self.received.append(envelope)
        return "250 OK"

    def message_to(self, recipient):
        """Wait for a message to ``recipient``; return its envelope."""
        found = []

        def look():
            with self.arrived:
                found[:] = [one for one in self.received if recipient in one.rcpt_tos]
                return bool(found), f"{len(self.received)} messages"

        wait_for(f"a message to {recipient}", look, 60)
        return found[0]


@contextlib.contextmanager
def around(engine):
    """Give the :class:`World` that the containers of the infrastructure reach."""
    network = engine.networks.get(f"clouder-{PREFIX}").attrs
    made = World(network["IPAM"]["Config"][0]["Gateway"])
    made.controller.start()
    try:
        yield made
    finally:
        made.controller.stop()


def serving(infra, engine, world, public=False, **options):
    """Have the mail server run, and hand what it sends to ``world``.

    :param options: of the service, by name, besides the way out and its own name
    """
    api = infra.api
    found = api.find(
        "clouder.service",
        ("environment_id", "=", infra.environment),
        ("suffix", "=", SUFFIX),
    ) or service(api, infra.environment, infra.node, "postfix", SUFFIX)
    api("clouder.service", "write", [found], {"public": public})
    wanted = {
        "relay_host": world.relay,
        "relay_tls": "may",
        "hostname": f"mx.{DOMAIN}",
        "own_domain": False,
        **options,
    }
    for name, value in wanted.items():
        _set_option(api, found, name, value)
    deploy(api, found)
    return Post(api, engine, found)


def _set_option(api, record, name, value):
    definition = api.find(
        "clouder.application.type.option",
        ("name", "=", name),
        ("type_id.name", "=", "postfix"),
    )
    line = api.find(
        "clouder.service.option", ("service_id", "=", record), ("name", "=", definition)
    )
    if line:
        api("clouder.service.option", "write", [line], {"value": value})
    elif value:
        values = {"service_id": record, "name": definition, "value": value}
        api.create("clouder.service.option", values)


class Post:
    """The mail server, seen from outside and from the bases."""

    def __init__(self, api, engine, service):
        self.api, self.engine, self.service = api, engine, service
        self.container = f"{PREFIX}-{SUFFIX}"

    def address(self):
        """Return the address of the container in its own network."""
        state = self.engine.containers.get(self.container).attrs
        return state["NetworkSettings"]["Networks"][f"clouder-{PREFIX}"]["IPAddress"]

    def outside(self):
        """Return a session with the published port, as a foreign server opens it."""
        port = self.api.find(
            "clouder.service.port",
            ("service_id", "=", self.service),
            ("name", "=", "smtp"),
        )
        number = self.api.read("clouder.service.port", port, "hostport")
        session = smtplib.SMTP("127.0.0.1", number, timeout=60)
        session.ehlo("mail.foreign.example")
        return session

    def submission(self, facts, tls=True):
        """Return a session with the submission port, without a login."""
        session = smtplib.SMTP(self.address(), facts["port"], timeout=60)
        session.ehlo("mail.foreign.example")
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            session.starttls(context=context)
            session.ehlo("mail.foreign.example")
        return session

    def inside(self, facts):
        """Return a session with the submission port, logged in as the facts say."""
        session = self.submission(facts)
        session.login(facts["user"], facts["password"])
        return session

    def link(self, base):
        """Return the id of the mail link of a base, None without one that is in use."""
        return self.api.find(
            "clouder.base.link", ("base_id", "=", base), ("code", "=", "mail"),
            ("target", "!=", False), ("state", "in", ("deploying", "working")),
        )  # fmt: skip

    def facts(self, base):
        """Return what the mail server said about a base."""
        link = self.api.find(
            "clouder.base.link", ("base_id", "=", base), ("code", "=", "mail")
        )
        return json.loads(self.api.read("clouder.base.link", link, "facts"))
