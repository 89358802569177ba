from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import WebsiteCase

VICTIM = "victim@customer.test"
ALONE = "//input[@name='alone']"


@tagged("post_install", "-at_install")
class TestClaim(WebsiteCase):
    """A deployer who writes somebody's address has not made him one of his people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"]
        cls.company = partners.create({"name": "Grabbers", "is_company": True})
        cls.deployer = new_test_user(
            cls.env, "deployer", groups="clouder.group_deployer"
        )
        cls.colleague = new_test_user(
            cls.env, "colleague", groups="base.group_portal", email="c@customer.test"
        )
        cls.colleague.partner_id.parent_id = cls.company
        cls.environment.write(
            {
                "partner_id": cls.company.id,
                "user_ids": [Command.set(cls.deployer.ids)],
            }
        )

    def claim(self, name="taken", **values):
        """Have the deployer order for the victim; return that order."""
        answer = self.orders.with_user(self.deployer).order(
            {
                "application": "shop",
                "name": name,
                "domain": "example.test",
                "email": VICTIM,
                "contact_name": "Somebody",
                "environment": "test",
                **values,
            }
        )
        return self.orders.browse(answer["order"])

    def enter(self, user):
        """Log in as ``user``, who chose a password by a mail to his address."""
        user.password = VICTIM
        self.authenticate(user.login, VICTIM)

    def confirm(self, **form):
        """Press a button of the page behind the link of the victim's mail."""
        path = self.confirm_path(VICTIM)
        data = {"csrf_token": self.token(self.page(path)), **form}
        self.assertEqual(
            self.url_open(path, data=data, allow_redirects=False).status_code, 303
        )
        return self.last_order()

    def sees(self, user, order):
        bases = self.env["clouder.base"].with_user(user)
        found = bases._portal_find(order.base_id.id)
        self.assertEqual(bool(found), order.base_id in bases.search([]))
        return bool(found)

    def test_the_address_of_such_an_account_is_not_proven(self):
        self.assertFalse(self.claim().user_id._is_proven())

    def test_a_retry_by_an_administrator_proves_nothing(self):
        bases = self.env.registry["clouder.base"]
        original = bases._check_links

        refusal = UserError("no")

        def refuse(_self):
            raise refusal

        self.patch(bases, "_check_links", refuse)
        order = self.claim()
        self.assertEqual(order.state, "failed")
        self.patch(bases, "_check_links", original)
        order.with_user(self.env.ref("base.user_admin")).retry()
        self.assertFalse(order.user_id._is_proven())

    def test_the_owner_of_the_address_must_log_in(self):
        self.claim()
        self.send(email=VICTIM)
        path = self.confirm_path(VICTIM)
        self.assertIn("Log in to confirm", self.page(path).text_content())
        token = self.token(self.page("/instances/shop"))
        self.url_open(path, data={"csrf_token": token, "alone": "1"})
        self.assertEqual(self.last_order().state, "new")

    def test_he_must_even_when_the_address_was_proven(self):
        self.claim().user_id._note_proven()
        self.send(email=VICTIM)
        page = self.page(self.confirm_path(VICTIM))
        self.assertIn("Log in to confirm", page.text_content())

    def test_who_does_not_belong_to_them_orders_for_himself_alone(self):
        claimed = self.claim()
        user = claimed.user_id
        self.send(email=VICTIM)
        self.enter(user)
        self.assertTrue(self.sees(user, claimed))
        page = self.page(self.confirm_path(VICTIM))
        self.assertIn("I belong to Grabbers", page.text_content())
        order = self.confirm(alone="1")
        self.assertEqual((order.state, order.user_id), ("deploying", user))
        self.assertEqual(user.commercial_partner_id, user.partner_id)
        self.assertEqual(user.partner_id.email, VICTIM)
        self.assertTrue(user._is_proven())
        self.assertTrue(self.sees(user, order))
        self.assertFalse(self.sees(self.colleague, order))
        self.assertFalse(order.environment_id.user_ids)
        with self.subTest("theirs stays theirs"):
            self.assertFalse(self.sees(user, claimed))
            self.assertTrue(self.sees(self.colleague, claimed))
            self.assertFalse(claimed.user_id)
        with self.subTest("he is asked once"):
            self.send(name="second")
            self.assertEqual(self.last_order().partner_id, user.partner_id)

    def test_what_was_ordered_in_his_name_costs_him_no_trial(self):
        self.app_shop.write({"web_trial_days": 15, "web_max_per_customer": 1})
        user = self.claim().user_id
        self.send(email=VICTIM)
        self.enter(user)
        self.assertEqual(self.confirm(alone="1").state, "deploying")

    def test_who_belongs_to_them_stays_with_them(self):
        claimed = self.claim()
        user = claimed.user_id
        self.send(email=VICTIM)
        self.enter(user)
        order = self.confirm()
        self.assertEqual(user.commercial_partner_id, self.company)
        self.assertTrue(self.sees(user, claimed))
        self.assertTrue(self.sees(self.colleague, order))
        self.send(name="second")
        self.assertEqual(self.last_order().state, "deploying", "he is asked once")

    def test_a_person_as_their_customer_is_no_way_in_either(self):
        self.environment.partner_id = self.env["res.partner"].create({"name": "John"})
        user = self.claim().user_id
        self.assertEqual(user.partner_id, self.environment.partner_id)
        self.send(email=VICTIM)
        path = self.confirm_path(VICTIM)
        self.assertIn("Log in to confirm", self.page(path).text_content())
        self.enter(user)
        order = self.confirm(alone="1")
        self.assertNotEqual(order.environment_id, self.environment)
        self.assertNotEqual(user.partner_id, self.environment.partner_id)

    def test_nobody_else_is_asked(self):
        new_test_user(self.env, VICTIM, groups="base.group_portal", email=VICTIM)
        self.send(email=VICTIM)
        self.authenticate(VICTIM, VICTIM)
        self.assertFalse(self.page(self.confirm_path(VICTIM)).xpath(ALONE))
        order = self.confirm(alone="1")
        partner = order.user_id.partner_id
        self.assertEqual(order.partner_id, partner)
        self.assertEqual(len(order.user_id.search([("login", "=", VICTIM)])), 1)

    def test_a_deployer_orders_again_for_the_same_person(self):
        first, second = self.claim(), self.claim(name="more")
        self.assertEqual(first.user_id, second.user_id)
        self.assertEqual(second.state, "deploying")

    def test_an_account_in_no_project_needs_the_mail_alone(self):
        self.environment.partner_id = self.env.company.partner_id
        user = self.claim().user_id
        self.assertFalse(user._is_proven())
        order, _progress = self.order_and_confirm(email=VICTIM)
        self.assertEqual((order.state, order.user_id), ("deploying", user))
        self.assertNotEqual(order.environment_id, self.environment)
        self.assertTrue(user._is_proven())

    def test_a_script_of_the_house_puts_nothing_among_others(self):
        self.claim()
        values = {"application": "shop", "name": "x", "email": VICTIM}
        admin = self.env.ref("base.user_admin")
        with self.assertRaisesRegex(UserError, "Nobody has shown"):
            self.orders.with_user(admin).order({**values, "contact_name": "Jane"})
