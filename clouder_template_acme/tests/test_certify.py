import datetime
from unittest import mock

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.clouder.lib.errors import EngineUnreachable, JobCancelled
from odoo.addons.clouder_template_proxy.lib.chain import der

from ..lib.failure import AuthorityRefused, NotReady
from .common import CertifyCase, issue


@tagged("post_install", "-at_install")
class TestCertify(CertifyCase):
    """A base's certificate: issued, renewed, served, and what goes wrong."""

    def test_the_steps_come_last(self):
        base = self.make_base("shop")
        hooks = [hook for _base, hook in base._job_steps("deploy")]
        self.assertEqual(
            hooks[-4:],
            [f"base_certificate_{step}" for step in ("check", "ask", "issue", "serve")],
        )
        self.assertLess(hooks.index("base_publish"), len(hooks) - 4)
        self.link(base).unlink()
        hooks = [hook for _base, hook in base._job_steps("deploy")]
        self.assertFalse([hook for hook in hooks if "certificate" in hook])

    def test_a_certificate_is_issued_and_served(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            self.certify(base)
            self.assertEqual(
                nginx.authority.asked,
                [(self.authority.name, ("shop.example.com",), "http-01")],
            )
            self.assertIn("server_name shop.example.com;", nginx.names())
        self.assertEqual(base.cert_origin, "acme")
        self.assertEqual(base.cert_served, "same")
        self.assertFalse(base.to_apply)
        self.assertEqual(self.link(base).state, "working")
        order = self.orders(base)
        self.assertEqual(order.state, "issued")
        self.assertEqual(order.registered, "example.com")
        self.assertEqual(order.expires_at, base.cert_expires_at)
        self.assertGreater(base.cert_renewal_date, fields.Date.today())
        self.assertIn("PRIVATE KEY", base._secret("cert_key"))
        self.assertNotIn("PRIVATE KEY", base.sudo().cert_key_encrypted)

    def test_nobody_is_asked_twice(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            self.certify(base)
            self.certify(base)
            self.assertEqual(len(nginx.authority.asked), 1)

    def test_www_is_among_the_names(self):
        with self.world() as nginx:
            base = self.live_base("www")
            self.certify(base)
            self.assertEqual(
                nginx.authority.asked[0][1], ("example.com", "www.example.com")
            )

    def test_a_refusal_is_kept_and_tried_again_later(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            nginx.authority.failure = AuthorityRefused("No, because.")
            self.certify(base)
            self.assertEqual(self.link(base).state, "broken")
            self.assertEqual(self.link(base).reason, "No, because.")
            self.assertEqual(base.state, "running")
            self.assertEqual(base.cert_failures, 1)
            first = base.cert_next_try - fields.Datetime.now()
            self.assertGreater(first, datetime.timedelta(minutes=9))
            self.certify(base)
            self.assertEqual(len(nginx.authority.asked), 1, "it waits")
            base.cert_next_try = fields.Datetime.now()
            self.certify(base)
            self.assertEqual(base.cert_failures, 2)
            self.assertGreater(
                base.cert_next_try - fields.Datetime.now(),
                datetime.timedelta(minutes=19),
            )
            nginx.authority.failure = None
            base.cert_next_try = fields.Datetime.now()
            self.certify(base)
        self.assertEqual(self.link(base).state, "working")
        self.assertFalse(base.cert_error or base.cert_failures or base.cert_next_try)
        states = self.orders(base).mapped("state")
        self.assertEqual(states, ["issued", "failed", "failed"])

    def test_what_is_in_vain_is_not_asked(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            nginx.authority.rehearse.side_effect = NotReady("It leads elsewhere.")
            self.certify(base)
            self.assertFalse(nginx.authority.asked)
        self.assertFalse(self.orders(base))
        self.assertEqual(base.cert_error, "It leads elsewhere.")

    def test_an_engine_that_is_away_fails_no_job(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            nginx.authority.rehearse.side_effect = EngineUnreachable("Gone.")
            self.certify(base)
        self.assertEqual(base.cert_error, "Gone.")

    def test_who_cancels_does_not_break_anything(self):
        places = (
            (self.env["clouder.certificate.order"], "_ask"),
            (self.env["clouder.driver.acme"], "certificate_issue"),
            (self.env["clouder.base"], "_check_served"),
        )
        with self.world() as nginx:
            nginx.authority.rehearse.side_effect = JobCancelled("Stop.")
            with self.assertRaises(JobCancelled):
                self.certify(self.live_base("first"))
            nginx.authority.rehearse.side_effect = None
            for number, (model, name) in enumerate(places):
                base = self.live_base(f"shop{number}")
                stopped = mock.patch.object(
                    type(model), name, side_effect=JobCancelled("Stop.")
                )
                with self.subTest(name), stopped, self.assertRaises(JobCancelled):
                    self.certify(base)
                self.assertFalse(base.cert_error or base.cert_failures)
                self.assertNotEqual(self.link(base).state, "broken")

    def test_something_else_than_asked_for_is_not_served(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            nginx.authority.instead = issue(["other.example.com"])
            self.certify(base)
            self.assertIn("is not for shop.example.com", base.cert_error)
            base.cert_next_try = False
            _key, chain = issue(["shop.example.com"])
            nginx.authority.instead = issue(["shop.example.com"])[0], chain
            self.certify(base)
        self.assertIn("do not belong together", base.cert_error)
        self.assertFalse(base.cert_cert)

    def test_another_certificate_than_on_record_is_told(self):
        with self.world():
            base = self.live_base("shop")
            self.certify(base)
            self.instead = der(issue(["x.example.com"])[1])
            base.cert_served_at = False
            self.cron(base, "_cron_served")
            self.assertEqual(base.cert_served, "other")
            self.assertEqual(self.link(base).state, "broken")
            self.assertIn("another certificate", self.link(base).reason)
            self.instead = None
            base.cert_served_at = False
            self.cron(base, "_cron_served")
        self.assertEqual(base.cert_served, "same")
        self.assertEqual(self.link(base).state, "working")

    def test_an_error_is_not_forgotten_when_the_right_one_is_served_again(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            self.certify(base)
            base.write({"cert_renewal_date": fields.Date.today()})
            nginx.authority.failure = AuthorityRefused("Not now.")
            self.certify(base)
            self.instead = der(issue(["x.example.com"])[1])
            base.cert_served_at = False
            self.cron(base, "_cron_served")
            self.assertIn("another certificate", self.link(base).reason)
            self.instead = None
            base.cert_served_at = False
            self.cron(base, "_cron_served")
            self.assertEqual(base.cert_served, "same")
        self.assertEqual(self.link(base).state, "broken")
        self.assertEqual(self.link(base).reason, "Not now.")

    def test_a_base_behind_a_proxy_that_gets_no_wildcard_has_its_own(self):
        key, chain = issue(["example.com", "*.example.com"])
        self.domain.write({"cert_cert": chain, "cert_key": key})
        self.environment.partner_id = self.env["res.partner"].create({"name": "Other"})
        with self.world() as nginx:
            base = self.live_base("shop")
            self.assertEqual(base.cert_source, "self_signed")
            nginx.authority.failure = AuthorityRefused("Not now.")
            self.certify(base)
            self.assertEqual(base.cert_error, "Not now.")
            base.cert_next_try = fields.Datetime.now()
            self.assertIn(base, base._certify_candidates())
            nginx.authority.failure = None
            self.certify(base)
            self.assertEqual(base.cert_source, "acme")
            self.assertNotIn("server_name example.com *.example.com;", nginx.names())

    def test_an_overdue_renewal_is_a_problem(self):
        def found():
            self.env.flush_all()
            problems = self.env["clouder.problem"]
            return problems.search([("kind", "=", "certificate")]).mapped("name")

        with self.world() as nginx:
            base = self.live_base("shop")
            nginx.authority.instead = issue(["shop.example.com"], days=6)
            self.certify(base)
            self.assertEqual(base.cert_origin, "acme")
            self.assertFalse(found(), "it is renewed in time")
            base.cert_renewal_date = fields.Date.subtract(fields.Date.today(), days=2)
            self.assertEqual(found(), ["shop.example.com"])

    def test_one_that_people_gave_stays(self):
        key, chain = issue(["shop.example.com"])
        with self.world() as nginx:
            base = self.live_base("shop")
            base.write({"cert_cert": chain, "cert_key": key})
            self.assertEqual(base.cert_origin, "uploaded")
            base.cert_renewal_date = "2020-01-01"
            self.certify(base)
            self.assertFalse(nginx.authority.asked)
            self.assertEqual(self.link(base).state, "working")
            with self.assertRaisesRegex(UserError, "never replaced"):
                base.certify()
            base.write({"cert_cert": False, "cert_key": False})
            self.assertFalse(base.cert_origin)
            self.certify(base)
        self.assertEqual(base.cert_origin, "acme")

    def test_nobody_says_where_a_certificate_comes_from(self):
        base = self.make_base("shop")
        user = new_test_user(
            self.env, "deployer", groups="base.group_user,clouder.group_deployer"
        )
        self.environment.user_ids = user
        for values in ({"cert_origin": "acme"}, {"cert_failures": 0}):
            with self.assertRaises(AccessError):
                base.with_user(user).write(values)
        with self.assertRaises(AccessError):
            self.domain.with_user(self.env.ref("base.user_admin")).write(
                {"cert_origin": "acme"}
            )

    def test_renewal_is_due_before_the_end(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            self.certify(base)
            before = base.cert_cert
            base.cert_renewal_date = fields.Date.today()
            nginx.authority.failure = AuthorityRefused("Not now.")
            self.certify(base)
            self.assertEqual(base.cert_cert, before, "the old one is served on")
            nginx.authority.failure = None
            base.cert_next_try = False
            self.certify(base)
        self.assertNotEqual(base.cert_cert, before)
        self.assertEqual(self.orders(base).mapped("renewal"), [True, True, False])

    def test_the_cron_queues_what_is_due(self):
        with self.world():
            base, other = self.live_base("shop"), self.live_base("other")
            self.certify(other)
            self.cron(base, "_cron_certify")
        self.env.invalidate_all()
        self.assertEqual(base.active_job_id.action, "certify")
        self.assertFalse(other.active_job_id)

    def test_a_renewal_leaves_the_queue_to_those_who_wait(self):
        with self.world():
            new, old = self.live_base("shop"), self.live_base("other")
            self.certify(old)
            old.cert_renewal_date = fields.Date.today()
            self.env["clouder.job"].search([("state", "=", "pending")]).unlink()
            self.live_base("third")._enqueue("restart")
            self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", 2)
            self.cron(new, "_cron_certify")
            self.env.invalidate_all()
            self.assertFalse(old.active_job_id)
            self.assertEqual(new.active_job_id.action, "certify")
            self.assertFalse(new.active_job_id.upkeep)
            self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", 9)
            self.cron(new, "_cron_certify")
        self.env.invalidate_all()
        self.assertTrue(old.active_job_id.upkeep)

    def test_a_stopped_base_shows_its_page_with_a_certificate_that_lasts(self):
        with self.world():
            base = self.live_base("shop")
            self.certify(base)
            self.rest(base, "stopped")
            base.write({"state": "stopped", "cert_renewal_date": "2020-01-01"})
            self.cron(base, "_cron_certify")
            self.env.invalidate_all()
            self.assertEqual(base.active_job_id.action, "certify")
            before = base.cert_cert
            self.certify(base)
        self.assertNotEqual(base.cert_cert, before)
        self.assertEqual(base.cert_served, "same")

    def test_a_failed_job_leaves_the_base_running(self):
        base = self.make_base("shop")
        base.state = "running"
        job = base._enqueue("certify")
        job._end("failed", "Something odd.")
        self.assertEqual(base.state, "running")
        self.assertFalse(base.error)
        self.assertEqual(base.cert_error, "Something odd.")

    def test_a_purged_base_forgets_its_certificate(self):
        with self.world():
            base = self.live_base("shop")
            self.certify(base)
            self.rest(base, "stopped")
            self.assertTrue(base.cert_cert)
            self.withdraw(base)
        self.assertFalse(base.cert_cert or base.sudo().cert_key_encrypted)

    def test_a_wildcard_spares_the_base_its_own(self):
        key, chain = issue(["example.com", "*.example.com"])
        self.domain.write({"cert_cert": chain, "cert_key": key})
        self.assertEqual(self.domain.cert_origin, "uploaded")
        with self.world() as nginx:
            base = self.live_base("shop")
            self.certify(base)
            self.assertFalse(nginx.authority.asked)
            self.assertEqual(base.cert_source, "wildcard")
            self.assertEqual(base.cert_served, "same")
            self.assertEqual(self.link(base).state, "working")
            self.domain.cert_expires_at = "2020-01-01"
            self.certify(base)
        self.assertEqual(base.cert_source, "acme")

    def test_the_wildcard_of_a_domain_needs_dns(self):
        self.domain.cert_authority_id = self.authority
        with self.assertRaisesRegex(NotReady, "only proven by DNS"):
            self.domain.certify()
        with self.assertRaisesRegex(UserError, "no tag “certificate”"):
            self.domain.cert_authority_id = self.proxy
