from unittest import mock

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clouder.lib.errors import ConditionTimeout
from odoo.addons.clouder.models.link_probe import SHORT
from odoo.addons.clouder.tests.driver_case import DriverCase

from ..drivers import proxy
from ..lib import publication
from .common import ProxyCase


class TestProxyContract(DriverCase):
    driver_code = "proxy"


@tagged("post_install", "-at_install")
class TestProxyDriver(ProxyCase):
    def test_default_certificate_is_generated_and_secret(self):
        line = self.proxy.option_ids.filtered(
            lambda one: one.name.name == "default_certificate"
        )
        self.assertIn("BEGIN CERTIFICATE", line._clear_value())
        self.assertFalse(line.value_plain)
        other = self.make_service(self.proxy.application_id, "proxy-two")
        self.assertNotEqual(
            self.proxy._option("default_certificate"),
            other._option("default_certificate"),
        )

    def test_spec(self):
        self.proxy.image_version_id = self.proxy.image_id._new_version(
            self.proxy.application_id
        )
        spec = self.proxy._spec()
        self.assertEqual(spec.user, "www-data")
        self.assertTrue(spec.read_only)
        self.assertFalse(spec.cap_add)
        self.assertIn(publication.MAIN, [file.path for file in spec.files])
        self.assertEqual(
            sorted(mount.target for mount in spec.mounts if mount.volume),
            ["/srv/proxy", "/srv/spool"],
        )
        self.assertEqual(
            sorted(port.container_port for port in spec.ports), [8080, 8443]
        )

    def test_spec_does_not_depend_on_routes(self):
        self.proxy.image_version_id = self.proxy.image_id._new_version(
            self.proxy.application_id
        )
        before = self.proxy._spec()
        with self.nginx():
            self.deploy(self.make_base("one"))
        self.assertEqual(self.proxy._spec().digest(b"key"), before.digest(b"key"))

    def test_publish_follows_the_links(self):
        for action in ("deploy", "reset", "start"):
            hooks = self.driver._phases()["clouder.base", action]
            position = hooks.index("base_links")
            self.assertEqual(hooks[position + 1], "base_publish")
        for action, changes in (
            ("purge", "base_withdraw"),
            ("stop", "base_suspend"),
            ("suspend", "base_suspend"),
        ):
            hooks = self.driver._phases()["clouder.base", action]
            position = hooks.index(changes)
            self.assertEqual(hooks[position + 1], "base_publish")

    def test_locks(self):
        base = self.make_base("one")
        lock = self.proxy._publish_lock()
        self.assertEqual(base._hook_locks("base_links"), [])
        self.assertEqual(base._hook_locks("base_publish"), [])
        with self.nginx():
            base._run_hook("base_links")
        self.assertEqual(base._hook_locks("base_publish"), [lock])
        self.assertEqual(self.proxy._hook_locks("service_configure"), [lock])
        self.assertEqual(self.proxy._hook_locks("service_ready"), [])

    def test_services_cannot_be_served(self):
        link = self.env["clouder.service.link"].create(
            {
                "service_id": self.web.id,
                "target_application_id": self.proxy.application_id.id,
                "target": self.proxy.id,
            }
        )
        with self.assertRaisesRegex(UserError, "serves bases"):
            self.driver.link_provide(link)

    def test_reserved_host_is_refused(self):
        domain = self.domain.create({"name": "clouder.invalid", "organisation": "Evil"})
        base = self.make_base("generation", domain_id=domain.id)
        with self.nginx(), self.assertRaisesRegex(UserError, "cannot serve"):
            self.deploy(base)

    def test_probe(self):
        base = self.make_base("one")
        link = base.link_ids
        with self.nginx() as nginx:
            self.deploy(base)
            nginx.answer = (303, {}, b"")
            self.driver.link_probe(link)
            self.assertEqual(nginx.asked[-1], ("http", "one.example.com", "/", False))
            base.ssl_only = True
            self.driver.link_probe(link)
            self.assertEqual(nginx.asked[-1], ("https", "one.example.com", "/", True))
            self.assertIn(nginx.trusted, self.proxy._option("default_certificate"))
            self.assertNotIn("PRIVATE", nginx.trusted)

    def test_the_cron_asks_for_what_costs_the_base_least(self):
        base = self.make_base("one")
        link = base.link_ids
        root = self.env.registry["clouder.driver"]
        light = mock.patch.object(root, "base_probe_path", lambda *_args: "/light")
        with self.nginx() as nginx, light:
            self.deploy(base)
            self.driver.link_probe(link.with_context(**{SHORT: True}))
            self.assertEqual(nginx.asked[-1][2], "/light")
            self.driver.link_probe(link)
            self.assertEqual(nginx.asked[-1][2], "/", "a deployment sees the whole")

    def test_probe_sees_what_is_wrong(self):
        base = self.make_base("one")
        self.patch(proxy, "PROBE_SECONDS", 0)
        with self.nginx() as nginx:
            self.deploy(base)
            for answer in ((500, {}, b""), (404, {"x-clouder-proxy": "unknown"}, b"")):
                nginx.answer = answer
                with self.assertRaisesRegex(ConditionTimeout, "answers through"):
                    self.driver.link_probe(base.link_ids)
