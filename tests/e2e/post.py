"""The mail server of the end-to-end tests, and the world that its mail goes to."""

import json
import smtplib
import socket
import ssl
import threading

from aiosmtpd.controller import Controller
from clouder_lib.wait import wait_for

from .client import PREFIX

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
