from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import WebsiteCase


@tagged("post_install", "-at_install")
class TestAccess(WebsiteCase):
    """Who sees orders, who makes them, and who does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deployer = new_test_user(
            cls.env, "deployer", groups="clouder.group_deployer"
        )
        cls.environment.user_ids = cls.deployer
        cls.values = {
            "application": "shop",
            "name": "acme",
            "domain": "example.test",
            "email": "jane@customer.test",
            "contact_name": "Jane Doe",
        }

    def order(self, user, **values):
        return self.orders.with_user(user).order({**self.values, **values})

    def test_a_deployer_orders_into_an_environment_of_his_own(self):
        answer = self.order(self.deployer, environment="test")
        base = self.env["clouder.base"].browse(answer["base"])
        self.assertEqual(base.fulldomain, "acme.example.test")
        self.assertEqual(base.environment_id, self.environment)
        order = self.orders.browse(answer["order"])
        self.assertEqual(order.state, "deploying")
        self.assertEqual(order.with_user(self.deployer).email, "jane@customer.test")

    def test_a_deployer_reaches_no_other_environment(self):
        self.env["clouder.environment"].create({"name": "Other", "prefix": "other"})
        for environment in ("other", "nothing", "%", ""):
            with (
                self.subTest(environment=environment),
                self.assertRaises(UserError),
            ):
                self.order(self.deployer, environment=environment)
        self.assertFalse(self.orders.search([]))

    def test_an_administrator_makes_the_customer(self):
        answer = self.order(self.env.ref("base.user_admin"))
        order = self.orders.browse(answer["order"])
        self.assertTrue(order.user_id._is_portal())
        self.assertTrue(answer["base"])

    def test_others_cannot_order_by_script(self):
        for groups in ("base.group_portal", "base.group_user", "clouder.group_user"):
            user = new_test_user(self.env, f"other_{groups}", groups=groups)
            with self.subTest(groups=groups), self.assertRaises(AccessError):
                self.order(user, environment="test")

    def test_wrong_values_are_named(self):
        for values, words in (
            ({"application": "nothing"}, "no application"),
            ({"name": "-x"}, "small letters"),
            ({"domain": "other.test"}, "one of the domains"),
            ({"email": "x"}, "e-mail"),
            ({"contact_name": ""}, "your name"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                self.order(self.deployer, environment="test", **values)

    def test_orders_are_not_for_everybody(self):
        order, _progress = self.order_and_confirm()
        strangers = (
            self.deployer,
            self.env.ref("base.public_user"),
            order.user_id,
            new_test_user(self.env, "reader", groups="clouder.group_user"),
        )
        for user in strangers:
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                order.with_user(user).read(["email"])
            for verb in ("retry", "action_cancel"):
                with self.subTest(verb=verb), self.assertRaises(AccessError):
                    getattr(order.with_user(user), verb)()

    def test_nobody_writes_an_order_by_hand(self):
        order, _progress = self.order_and_confirm()
        admin = self.env.ref("base.user_admin")
        for values in ({"state": "running"}, {"partner_id": 1}, {"token_digest": "x"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                order.with_user(admin).write(values)
        with self.assertRaises(AccessError):
            self.orders.with_user(admin).create({"base_name": "x"})

    def test_the_digests_are_nobodys_to_read(self):
        order, _progress = self.order_and_confirm()
        admin = self.env.ref("base.user_admin")
        for name in ("token_digest", "progress_digest"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                order.with_user(admin).read([name])
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.orders.with_user(admin).search([(name, "!=", False)])

    def test_an_administrator_takes_an_order_back(self):
        self.send()
        order = self.last_order()
        order.with_user(self.env.ref("base.user_admin")).action_cancel()
        self.assertEqual(order.state, "cancelled")
        self.page(self.confirm_path(), status=410)
