"""Records around one name server, and a server that only remembers."""

import contextlib
import json
from unittest import mock

from odoo.fields import Command

from odoo.addons.clouder.models.application_type import as_module
from odoo.addons.clouder.tests.driver_case import DriverCase

from ..lib.server import ServerAway, ServerRefused


class MemoryServer:
    """A name server in memory, with the methods of :class:`..lib.server.Server`."""

    def __init__(self):
        self.zones, self.records, self.updates = set(), {}, 0
        self.away = self.loses_answers = False

    def _answer(self):
        if self.away:
            raise ServerAway("nobody answers")

    def serves(self, zone):
        self._answer()
        return zone in self.zones

    def look(self, keys):
        self._answer()
        return {
            key: (300, frozenset(self.records[key]))
            for key in keys
            if key in self.records
        }

    def ask_udp(self, name, kind):
        self._answer()
        known = name in self.zones or (name, kind) in self.records
        return mock.Mock(answer=["one"] if known else [], rcode=lambda: 3)

    def publish(self, zone, before, wanted, ttl):
        changed = self._publish(zone, before, wanted)
        if changed and self.loses_answers:
            raise ServerAway("it was done, but the answer came too late")
        return changed

    def _publish(self, zone, before, wanted):
        self._answer()
        if zone not in self.zones:
            if wanted:
                raise ServerRefused("it answers NOTAUTH")
            return False
        old = dict(self.records)
        for key in set(before) - set(wanted):
            left = set(self.records.pop(key, ())) - set(before[key])
            if left:
                self.records[key] = tuple(sorted(left))
        self.records.update(wanted)
        self.updates += old != self.records
        return old != self.records


class BindCase(DriverCase):
    """One name server, one proxy that says records, bases of a type without a driver."""

    driver_code = "bind"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "clouder_no_deploy": True})
        cls.driver = cls.env["clouder.driver"]._get(cls.driver_code)
        cls.environment = cls.env["clouder.environment"].create(
            {"name": "Bind test", "prefix": "bindtest"}
        )
        cls.node = cls.env["clouder.node"].create(
            {"name": "bindtest", "public": True, "public_ip": "192.0.2.1"}
        )
        cls.application = cls.env.ref("clouder_template_bind.application_bind")
        cls.bind = cls.set_running(cls._service(cls.application, "bind"))
        cls.domain = cls._domain("bind.example")
        cls._make_site()

    def setUp(self):
        super().setUp()
        # What links are about to send is noted through a cursor of its own.
        self.registry_enter_test_mode()

    @classmethod
    def _make_site(cls):
        kind = as_module(cls.env["clouder.application.type"]).create(
            {"name": "bindtest-site", "system_user": "site"}
        )
        image = cls.env["clouder.image"].create(
            {"name": "bindtest-site", "parent_from": "debian:bookworm-slim"}
        )
        links = [
            Command.create(
                {"tag_id": cls.env.ref(f"clouder.tag_{tag}").id, "base": True}
            )
            for tag in ("mail", "dns")
        ]
        values = {
            "type_id": kind.id,
            "current_version": "1",
            "default_image_id": image.id,
        }
        cls.mailer = cls.env["clouder.application"].create(
            {
                "name": "Mailer",
                "code": "bindtest-mail",
                "tag_ids": [Command.set(cls.env.ref("clouder.tag_mail").ids)],
                **values,
            }
        )
        cls.site = cls.env["clouder.application"].create(
            {
                "name": "Site",
                "code": "bindtest-site",
                "base": True,
                "link_ids": links,
                **values,
            }
        )
        cls.mail = cls.set_running(cls._service(cls.mailer, "mail"))
        cls.host = cls._service(cls.site, "site")

    @classmethod
    def _service(cls, application, suffix):
        return cls.env["clouder.service"].create(
            {
                "environment_id": cls.environment.id,
                "application_id": application.id,
                "suffix": suffix,
                "node_id": cls.node.id,
            }
        )

    @classmethod
    def _domain(cls, name, **values):
        return cls.env["clouder.domain"].create(
            {"name": name, "organisation": "Test", "dns_id": cls.bind.id, **values}
        )

    def _base(self, name, *records, domain=None):
        """Return the DNS link of a new base whose mail link asks for ``records``."""
        base = self.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": (domain or self.domain).id,
                "environment_id": self.environment.id,
                "application_id": self.site.id,
                "service_id": self.host.id,
            }
        )
        mail, dns = (
            base.link_ids.filtered(lambda one, c=c: one.code == c)
            for c in ("mail", "dns")
        )
        self._ask_for(dns, *records)
        self.assertEqual((mail.target, dns.target), (self.mail, self.bind))
        return dns

    def _ask_for(self, link, *records):
        other = link.base_id.link_ids - link
        other.facts = json.dumps({"dns_records": records})
        other.state = "working"

    @contextlib.contextmanager
    def _server(self):
        """Have a :class:`MemoryServer` behind the name server of this test."""
        memory = MemoryServer()
        driver = self.env.registry["clouder.driver.bind"]

        def rndc(_self, _service, *words):
            if words[0] == "addzone":
                memory.zones.add(words[1])
            if words[0] == "delzone":
                memory.zones.discard(words[-1])
            return ""

        with (
            self.fake_runner() as fake,
            mock.patch.object(driver, "_server", lambda _self, _service: memory),
            mock.patch.object(driver, "_rndc", rndc),
        ):
            memory.fake = fake
            memory.zones.add("catalog.clouder.invalid")
            yield memory
