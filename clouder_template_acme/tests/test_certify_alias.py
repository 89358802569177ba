from odoo.exceptions import UserError
from odoo.tests import tagged

from ..lib.failure import AuthorityRefused, NotReady
from .common import CertifyCase, issue

STEPS = ("check", "ask", "issue", "serve")


@tagged("post_install", "-at_install")
class TestCertifyAlias(CertifyCase):
    """Own domains have certificates of their own, by the link of their base."""

    def alias(self, base, name="shop.example.org", **values):
        alias = self.env["clouder.base.alias"].create(
            {"base_id": base.id, "name": name, **values}
        )
        alias.state = "working"
        return alias

    def steps(self, base):
        for step in STEPS:
            base._run_hook(f"base_alias_certificate_{step}")

    def test_the_job_has_the_steps(self):
        base = self.make_base("shop")
        hooks = base._driver()._phases_for(base, "aliases")
        own = ("base_aliases", "base_publish", "base_probe")
        self.assertEqual(hooks[:3], own)
        self.assertEqual(
            hooks[3:], tuple(f"base_alias_certificate_{step}" for step in STEPS)
        )
        base.link_ids.filtered(lambda one: one.target == self.authority).unlink()
        self.assertEqual(base._driver()._phases_for(base, "aliases"), own)

    def test_a_certificate_for_both_forms_and_for_nothing_else(self):
        with self.world() as nginx:
            base = self.live_base("shop", ssl_only=True)
            alias = self.alias(base, www=True)
            self.steps(base)
            self.assertEqual(
                nginx.authority.asked,
                [("demo-ca", ("shop.example.org", "www.shop.example.org"), "http-01")],
            )
            self.assertEqual(alias.cert_origin, "acme")
            self.assertEqual(alias.cert_served, "same")
            self.assertFalse(base.cert_cert)
            self.assertIn(
                "server_name shop.example.org www.shop.example.org;", nginx.names()
            )
            self.assertIn("shop.example.org 1;", nginx.part("maps"))
            self.steps(base)
            self.assertEqual(len(nginx.authority.asked), 1)
        order = alias.cert_order_ids
        self.assertEqual(
            (order.state, order.environment_id), ("issued", self.environment)
        )
        self.assertFalse(base.cert_order_ids)

    def test_a_name_that_does_not_work_is_not_asked_for(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            self.alias(base).state = "broken"
            self.steps(base)
            self.assertFalse(nginx.authority.asked)

    def test_a_failure_is_the_own_domains_alone(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            alias = self.alias(base)
            nginx.authority.failure = AuthorityRefused("No.")
            self.steps(base)
            self.assertIn("No.", alias.cert_error)
            self.assertTrue(alias.cert_next_try)
            self.assertFalse(base.cert_error)
            nginx.authority.failure = None
            self.steps(base)
            self.assertEqual(len(nginx.authority.asked), 1, "not before its time")
            alias.certify()
            self.steps(base)
        self.assertEqual((alias.cert_origin, alias.cert_error), ("acme", False))

    def test_dns_that_leads_elsewhere_asks_nobody(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            alias = self.alias(base)
            nginx.authority.rehearse.side_effect = NotReady("It leads elsewhere.")
            self.steps(base)
            self.assertFalse(nginx.authority.asked)
        self.assertEqual(alias.cert_error, "It leads elsewhere.")

    def test_another_name_drops_the_certificate(self):
        with self.world():
            base = self.live_base("shop")
            alias = self.alias(base)
            self.steps(base)
            alias.name = "other.example.org"
        self.assertFalse(alias._has_certificate())

    def test_one_that_people_gave_stays(self):
        key, chain = issue(["shop.example.org"])
        with self.world() as nginx:
            base = self.live_base("shop")
            alias = self.alias(base, cert_key=key, cert_cert=chain)
            self.steps(base)
            self.assertFalse(nginx.authority.asked)
            with self.assertRaisesRegex(UserError, "given by people"):
                alias.certify()
