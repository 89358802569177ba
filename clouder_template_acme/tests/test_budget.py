import datetime

from odoo import fields
from odoo.tests import tagged

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
            "state": "issued",
            **values,
        }
        return self.env["clouder.certificate.order"].create(
            [{**order, "names": f"{number}.example.com"} for number in range(count)]
        )

    def ask(self, name="shop"):
        base = self.make_base(name)
        orders = self.env["clouder.certificate.order"]
        return orders._ask(base, self.authority, base._certificate_names())

    def test_a_domain_has_a_budget_for_a_week(self):
        self.option(self.authority, "budget_domain", "4")
        old = self.past(2)
        with self.assertRaisesRegex(BudgetSpent, "had its share: 2 of 2"):
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
        other = self.env["clouder.environment"].create({"name": "O", "prefix": "other"})
        self.past(2, environment_id=other.id)
        self.ask()
        with self.assertRaisesRegex(BudgetSpent, "had its share: 1 of 1"):
            self.ask("again")

    def test_the_very_same_names(self):
        self.option(self.authority, "budget_names", "2")
        base = self.make_base("shop")
        orders = self.env["clouder.certificate.order"]
        for _time in range(2):
            orders._ask(base, self.authority, base._certificate_names())
        with self.assertRaisesRegex(BudgetSpent, "very same names"):
            orders._ask(base, self.authority, base._certificate_names())

    def test_jobs_for_one_registered_domain_wait_for_each_other(self):
        one, two = self.make_base("one"), self.make_base("two")
        locks = one._hook_locks("base_certificate_ask")
        self.assertEqual(locks, ["certificate budget example.com"])
        self.assertEqual(two._hook_locks("base_certificate_ask"), locks)

    def test_old_orders_are_dropped(self):
        order = self.past(1)
        order.asked_at = fields.Datetime.now() - datetime.timedelta(days=500)
        order._gc_orders()
        self.assertFalse(order.exists())
