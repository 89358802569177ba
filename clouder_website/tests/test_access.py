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

    def test_the_people_of_a_customer_without_an_account_get_one(self):
        company = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        person = self.env["res.partner"].create({"name": "John"})
        for number, (partner, parent) in enumerate(
            ((company, company), (person, person.browse()))
        ):
            self.environment.partner_id = partner
            email = f"jane{number}@customer.test"
            answer = self.order(
                self.deployer, name=f"acme{number}", email=email, environment="test"
            )
            order = self.orders.browse(answer["order"])
            user = order.user_id
            self.assertEqual(user.login, email)
            self.assertEqual(user.partner_id.parent_id, parent)
            self.assertEqual(order.partner_id, partner)
            self.assertIn("/web/signup?", order.signup_url)
            base = self.env["clouder.base"].with_user(user)
            self.assertIn(order.base_id, base._portal_find(order.base_id.id))
        self.assertEqual(user.partner_id, person)
        self.assertEqual(person.name, "John")

    def test_nobody_joins_the_house_by_an_order(self):
        self.environment.partner_id = self.env.company.partner_id
        answer = self.order(self.deployer, environment="test")
        user = self.orders.browse(answer["order"]).user_id
        self.assertEqual(user.commercial_partner_id, user.partner_id)

    def test_an_account_of_another_customer_is_refused(self):
        email = "jane@customer.test"
        new_test_user(self.env, email, groups="base.group_portal", email=email)
        with self.assertRaisesRegex(UserError, "does not belong to"):
            self.order(self.deployer, environment="test")

    def test_a_deployer_tries_again(self):
        orders = self.orders.with_user(self.deployer)
        orders = orders.with_context(clouder_no_deploy=False)
        answer = orders.order({**self.values, "environment": "test"})
        order = self.orders.browse(answer["order"])
        self.run_job(order.base_id.active_job_id, broken="base_create_database")
        self.assertEqual(order.state, "failed")
        self.assertTrue(orders.browse(order.id).retry())
        self.assertEqual(order.state, "deploying")

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
        for name in ("token_digest", "progress_digest", "form_digest"):
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
