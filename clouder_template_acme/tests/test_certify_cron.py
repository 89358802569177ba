from unittest import mock

from odoo import fields
from odoo.tests import tagged

from ..lib.failure import AuthorityRefused
from .common import CertifyCase, issue

WILDCARD = ("example.com", "*.example.com")
DUE = "odoo.addons.clouder_template_acme.models.clouder_certificate_due"


@tagged("post_install", "-at_install")
class TestCertifyCron(CertifyCase):
    """Who is asked for next, and that nobody keeps the others from it."""

    def days(self, count):
        """Return the date in so many days."""
        return fields.Date.add(fields.Date.today(), days=count)

    def due_base(self, name, days=20):
        """Return a base whose certificate ends in some days, and is due for renewal."""
        base = self.live_base(name)
        key, chain = issue([f"{name}.example.com"], days=days)
        base._store_certificate(key, chain)
        base.cert_renewal_date = self.days(-3)
        return base

    def give_wildcard(self, days=90):
        """Give the domain a certificate that people brought."""
        key, chain = issue(WILDCARD, days=days)
        self.domain.write({"cert_cert": chain, "cert_key": key})

    def candidates(self):
        self.env.flush_all()
        return self.env["clouder.base"]._certify_candidates()

    def queued(self, action="certify"):
        """Return the bases for which a job of such an action waits."""
        # What was read of jobs before would go with the commits of the cron.
        self.env.invalidate_all()
        jobs = self.env["clouder.job"].search(
            [("action", "=", action), ("state", "=", "pending")], order="id"
        )
        return self.env["clouder.base"].browse(jobs.mapped("res_id"))

    def problems(self):
        self.env.flush_all()
        found = self.env["clouder.problem"].search([("kind", "=", "certificate")])
        return set(found.mapped("name"))

    def test_who_is_warned_comes_first(self):
        with self.world():
            soon = self.due_base("soon", days=5)
            later = self.due_base("later", days=20)
            new, over = self.live_base("new"), self.due_base("over", days=-1)
        self.assertEqual(
            self.candidates().ids, [one.id for one in (new, over, soon, later)]
        )

    def test_who_cannot_be_helped_now_is_no_candidate(self):
        with self.world():
            base = self.due_base("shop")
        changes = {
            "failed lately": lambda: base.write(
                {"cert_failures": 1, "cert_next_try": "2099-01-01"}
            ),
            "switched off": lambda: self.link(base).write({"off": True}),
            "withdrawn": lambda: self.link(base).write({"state": "withdrawn"}),
            "service stopped": lambda: base.service_id.write({"state": "stopped"}),
            "goes away": lambda: base.write({"wanted": "purged"}),
        }
        for what, change in changes.items():
            with self.subTest(what), self.cr.savepoint() as point:
                self.assertEqual(self.candidates(), base)
                change()
                self.assertFalse(base._certificate_due())
                self.assertFalse(self.candidates())
                point.rollback()
            self.env.invalidate_all()

    def test_those_before_do_not_use_up_the_places(self):
        with self.world():
            busy = self.due_base("one", days=1) + self.due_base("two", days=2)
            for base in busy:
                base._enqueue("restart")
            first, second = self.due_base("first", days=3), self.due_base("second")
            self.assertEqual(self.candidates(), busy + first + second)
            with mock.patch(f"{DUE}.PAGE", 1), mock.patch(f"{DUE}.BATCH", 1):
                self.cron(busy, "_cron_certify")
                self.assertEqual(self.queued(), first)
                self.cron(busy, "_cron_certify")
                self.assertEqual(self.queued(), first + second)

    def test_it_ends_when_there_is_no_time_left(self):
        with self.world():
            base = self.due_base("one", days=1)
            base._enqueue("restart")
            self.due_base("two", days=2)
            cron = type(self.env["ir.cron"])
            with (
                mock.patch(f"{DUE}.PAGE", 1),
                mock.patch.object(cron, "_commit_progress", return_value=0) as told,
            ):
                base._cron_certify()
        self.assertFalse(self.queued())
        told.assert_called_once_with()

    def test_a_certificate_of_people_ends_all_tries(self):
        with self.world() as nginx:
            base = self.due_base("shop")
            nginx.authority.failure = AuthorityRefused("Not now.")
            self.certify(base)
            self.assertTrue(base.cert_next_try)
            key, chain = issue(["shop.example.com"])
            base.write({"cert_cert": chain, "cert_key": key})
        self.assertEqual(base.cert_origin, "uploaded")
        self.assertFalse(base.cert_renewal_date or base.cert_next_try)
        self.assertFalse(base.cert_failures or base.cert_error)
        base.cert_renewal_date = self.days(-3)
        self.assertFalse(self.candidates())

    def test_a_wildcard_takes_the_place_of_what_is_due(self):
        with self.world() as nginx:
            base, lasting = self.due_base("shop"), self.live_base("lasting")
            self.certify(lasting)
            self.deploy(base)
            self.give_wildcard()
            self.assertIn("server_name shop.example.com;", nginx.names())
            self.cron(base, "_cron_certify")
            self.assertEqual(self.queued("publish"), base)
            self.assertFalse(self.queued())
            base._run_hook("base_publish")
            self.assertNotIn("server_name shop.example.com;", nginx.names())
            self.assertIn("server_name lasting.example.com;", nginx.names())
            self.assertFalse(base._check_served())
        self.assertFalse(base.cert_cert or base.cert_renewal_date or base.cert_origin)
        self.assertEqual(base.cert_source, "wildcard")
        self.assertEqual(lasting.cert_source, "acme")
        self.assertFalse(self.candidates())
        self.domain.cert_expires_at = "2020-01-01"
        self.assertEqual(self.candidates(), base, "it ran out")

    def test_a_wildcard_that_ends_before_takes_no_place(self):
        with self.world():
            base = self.due_base("shop", days=20)
            self.give_wildcard(days=10)
            self.cron(base, "_cron_certify")
            self.assertFalse(self.queued("publish"))
            self.assertTrue(base.cert_cert)

    def test_a_full_queue_leaves_the_certificate(self):
        with self.world():
            base = self.due_base("shop")
            self.give_wildcard()
            limit = "clouder.job_queue_limit"
            self.env["ir.config_parameter"].set_param(limit, 0)
            self.cron(base, "_cron_certify")
            self.assertTrue(base.cert_cert)
            self.assertEqual(self.candidates(), base)
            self.env["ir.config_parameter"].set_param(limit, 10)
            self.cron(base, "_cron_certify")
            self.assertFalse(base.cert_cert)
        self.assertTrue(self.queued("publish").active_job_id.upkeep)

    def test_a_wildcard_ends_the_tries_of_a_base_without(self):
        with self.world() as nginx:
            base = self.live_base("shop")
            nginx.authority.failure = AuthorityRefused("Not now.")
            self.certify(base)
            self.give_wildcard()
            base.cert_next_try = fields.Datetime.now()
            self.assertEqual(self.candidates(), base)
            self.cron(base, "_cron_certify")
        self.assertFalse(base.cert_error or base.cert_failures or base.cert_next_try)
        self.assertFalse(self.candidates() or self.queued() or self.queued("publish"))

    def test_what_a_wildcard_replaced_is_no_problem(self):
        """Also without an authority, which would be asked for a renewal."""
        with self.world():
            base = self.due_base("shop", days=6)
            self.deploy(base)
            self.link(base).off = True
            self.assertEqual(self.problems(), {"shop.example.com"})
            self.give_wildcard()
            self.cron(base, "_cron_served")
            self.assertEqual(self.queued("publish"), base)
            self.assertFalse(self.problems())
        self.domain.cert_expires_at = fields.Datetime.add(fields.Datetime.now(), days=3)
        self.assertEqual(self.problems(), {"example.com"})

    def test_an_expired_one_behind_a_wildcard_is_no_problem(self):
        with self.world():
            base = self.due_base("shop", days=-1)
            self.assertEqual(self.problems(), {"shop.example.com"})
            self.give_wildcard()
            self.cron(base, "_cron_served")
            self.assertFalse(self.problems())
            self.assertFalse(self.queued("publish").active_job_id.upkeep)

    def test_domains_that_wait_are_no_candidates(self):
        self.application.tag_ids += self.env.ref("clouder.tag_dns")
        dns = self.make_service(self.application, "dns")
        self.domain.write({"cert_authority_id": self.authority.id, "dns_id": dns.id})
        self.assertEqual(self.domain._certify_candidates(), self.domain)
        self.domain.cert_next_try = "2099-01-01"
        self.assertFalse(self.domain._certify_candidates())
        self.give_wildcard()
        self.assertFalse(self.domain.cert_next_try)
        self.assertFalse(self.domain._certify_candidates())
