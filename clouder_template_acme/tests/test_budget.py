import datetime

from odoo import fields
from odoo.tests import tagged

from odoo.addons.clouder_template_proxy.tests.common import issued

from ..lib import budget
from ..lib.failure import BudgetSpent
from .common import CertifyCase


@tagged("post_install", "-at_install")
class TestBudget(CertifyCase):
    """How often an authority may be asked, by all and by each."""

    def test_the_share_of_one(self):
        for limit, own, others, allowed in (
            (40, 0, 0, True),
            (40, 19, 0, True),
            (40, 20, 0, False),
            (40, 0, 39, True),
            (40, 0, 40, False),
            (40, 5, 30, False),
            (40, 4, 30, True),
            (1, 0, 0, True),
            (0, 0, 0, False),
        ):
            use = budget.Use(limit, own, others, "certificates")
            with self.subTest(limit=limit, own=own, others=others):
                if allowed:
                    budget.check(use)
                else:
                    with self.assertRaises(BudgetSpent):
                        budget.check(use)

    def test_nobody_takes_all(self):
        """However one environment asks, others always get one."""
        mine = 0
        while mine < 100:
            try:
                budget.check(budget.Use(40, mine, 0, "x"))
            except BudgetSpent:
                break
            mine += 1
        self.assertEqual(mine, 20)
        budget.check(budget.Use(40, 0, mine, "x"))

    def test_registered_domains(self):
        for name, registered in (
            ("a.b.example.co.uk", "example.co.uk"),
            ("*.example.com", "example.com"),
            ("EXAMPLE.com.", "example.com"),
            ("shop.site.localhost", "site.localhost"),
            ("localhost", "localhost"),
        ):
            self.assertEqual(budget.registered_domain(name), registered)

    def past(self, count, **values):
        order = {
            "names": "x.example.com",
            "registered": "example.com",
            "authority_id": self.authority.id,
            "environment_id": self.environment.id,
            "partner_id": self.environment.partner_id.commercial_partner_id.id,
            "state": "issued",
            **values,
        }
        return self.env["clouder.certificate.order"].create(
            [{**order, "names": f"{number}.example.com"} for number in range(count)]
        )

    def ask(self, name="shop", **values):
        base = self.make_base(name, **values)
        orders = self.env["clouder.certificate.order"]
        return orders._ask(base, self.authority, base._certificate_names())

    def test_a_domain_has_a_budget_for_a_week(self):
        self.option(self.authority, "budget_domain", "4")
        old = self.past(2)
        with self.assertRaisesRegex(BudgetSpent, "had a fair share: 2 of 2"):
            self.ask()
        old.asked_at = fields.Datetime.now() - datetime.timedelta(days=8)
        self.assertEqual(self.ask("again").state, "asked")

    def test_what_failed_counts_for_the_account_only(self):
        self.option(self.authority, "budget_domain", "4")
        self.past(5, state="failed")
        self.ask()
        self.option(self.authority, "budget_account", "6")
        with self.assertRaisesRegex(BudgetSpent, "within three hours"):
            self.ask("again")

    def test_another_customer_has_a_share_of_his_own(self):
        self.option(self.authority, "budget_domain", "4")
        other = self.env["res.partner"].create({"name": "Other"})
        self.past(2, partner_id=other.id)
        self.ask()
        with self.assertRaisesRegex(BudgetSpent, "had a fair share: 1 of 1"):
            self.ask("again")

    def test_the_very_same_names(self):
        self.option(self.authority, "budget_names", "2")
        base = self.make_base("shop")
        orders = self.env["clouder.certificate.order"]
        for _time in range(2):
            orders._ask(base, self.authority, base._certificate_names())
        with self.assertRaisesRegex(BudgetSpent, "very same names"):
            orders._ask(base, self.authority, base._certificate_names())

    def test_a_renewal_is_not_kept_off_by_new_ones(self):
        """Nor by what its customer had, and it takes nothing from them."""
        self.option(self.authority, "budget_domain", "4")
        orders = self.env["clouder.certificate.order"]
        base = self.make_base("shop")
        names = base._certificate_names()
        first = orders._ask(base, self.authority, names)
        self.assertFalse(first.renewal)
        first._close("issued", expires_at=self.ends(20))
        first.asked_at = fields.Datetime.now() - datetime.timedelta(days=70)
        self.past(4)
        with self.assertRaisesRegex(BudgetSpent, "The budget is spent: 4 of 4 new"):
            self.ask("other")
        renewed = orders._ask(base, self.authority, names)
        self.assertTrue(renewed.renewal)
        orders.search([("names", "not in", [first.names])]).unlink()
        for number in range(2):
            self.ask(f"base{number}")
        with self.assertRaisesRegex(BudgetSpent, "had a fair share: 2 of 2"):
            self.ask("again")

    def test_a_renewal_keeps_to_the_other_limits(self):
        orders = self.env["clouder.certificate.order"]
        base = self.make_base("shop")
        names = base._certificate_names()
        orders._ask(base, self.authority, names)._close(
            "issued", expires_at=self.ends(20)
        )
        self.option(self.authority, "budget_names", "1")
        with self.assertRaisesRegex(BudgetSpent, "very same names"):
            orders._ask(base, self.authority, names)
        self.option(self.authority, "budget_names", "5")
        self.option(self.authority, "budget_account", "1")
        with self.assertRaisesRegex(BudgetSpent, "within three hours"):
            orders._ask(base, self.authority, names)

    def test_only_the_very_same_names_are_renewed(self):
        orders = self.env["clouder.certificate.order"]
        base, www = self.make_base("shop"), self.make_base("www")
        names = base._certificate_names()
        first = orders._ask(base, self.authority, names)
        key, chain = issued(names)
        base._store_certificate(key, chain)
        other = self.make_service(self.authority_application, "other")
        for values, renews in (
            ({"state": "issued", "expires_at": self.ends(20)}, True),
            ({"state": "issued", "expires_at": self.ends(-20)}, True),
            ({"state": "issued", "expires_at": self.ends(-40)}, False),
            ({"state": "failed", "expires_at": False}, False),
            ({"state": "asked", "expires_at": False}, False),
        ):
            first.write(values)
            with self.subTest(values), self.cr.savepoint() as point:
                again = orders._ask(base, self.authority, names)
                self.assertEqual(again.renewal, renews)
                point.rollback()
            self.env.invalidate_all()
        first.write({"state": "issued", "expires_at": self.ends(20)})
        self.assertFalse(orders._ask(base, other, names).renewal)
        first.names = "example.com"
        self.assertFalse(
            orders._ask(www, self.authority, www._certificate_names()).renewal
        )

    def ends(self, days):
        return fields.Datetime.now() + datetime.timedelta(days=days)

    def test_more_environments_give_no_more(self):
        """It is the customer that counts: his company, with all its people."""
        self.option(self.authority, "budget_domain", "4")
        person = self.env["res.partner"].create(
            {"name": "Person", "parent_id": self.environment.partner_id.id}
        )
        for number in range(2):
            environment = self.env["clouder.environment"].create(
                {
                    "name": "More",
                    "prefix": f"more{number}",
                    "partner_id": person.id,
                }
            )
            self.ask(f"base{number}", environment_id=environment.id)
        with self.assertRaisesRegex(BudgetSpent, "had a fair share: 2 of 2"):
            self.ask()
        order = self.env["clouder.certificate.order"].search([], limit=1)
        self.assertEqual(order.partner_id, self.environment.partner_id)

    def test_jobs_that_ask_one_authority_wait_for_each_other(self):
        """Also for different domains: they use up what the account gets."""
        elsewhere = self.env["clouder.domain"].create(
            {"name": "example.org", "organisation": "Example"}
        )
        one, two = self.make_base("one"), self.make_base("two", domain_id=elsewhere.id)
        elsewhere.cert_authority_id = self.authority
        locks = one._hook_locks("base_certificate_ask")
        self.assertEqual(
            locks, [f"certificate budget of clouder.service,{self.authority.id}"]
        )
        self.assertEqual(two._hook_locks("base_certificate_ask"), locks)
        self.assertEqual(elsewhere._hook_locks("domain_certificate_ask"), locks)

    def test_proofs_of_one_name_do_not_meet(self):
        """A bare domain and its wildcard are proven by the same record."""
        bare, shop = self.make_base("www"), self.make_base("shop")
        for step in ("check", "issue"):
            wildcard = self.domain._hook_locks(f"domain_certificate_{step}")
            self.assertEqual(wildcard, ["certificate proof of example.com"])
            self.assertLess(
                set(wildcard), set(bare._hook_locks(f"base_certificate_{step}"))
            )
            self.assertFalse(
                set(wildcard) & set(shop._hook_locks(f"base_certificate_{step}"))
            )

    def test_old_orders_are_dropped(self):
        order = self.past(1)
        order.asked_at = fields.Datetime.now() - datetime.timedelta(days=500)
        order._gc_orders()
        self.assertFalse(order.exists())
