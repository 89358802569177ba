from odoo.tests import new_test_user, tagged

from .common import WebsiteCase


@tagged("post_install", "-at_install")
class TestTrial(WebsiteCase):
    """A trial is given once, and a limit counts what one person has."""

    def setUp(self):
        super().setUp()
        self.app_shop.web_trial_days = 15

    def refused(self, **typed):
        """Order and confirm, in vain; return the order."""
        before = self.env["clouder.base"].search_count([])
        order, progress = self.order_and_confirm(**typed)
        self.assertEqual(order.state, "cancelled")
        self.assertEqual(self.env["clouder.base"].search_count([]), before)
        self.assertIn("a trial is given once", self.page(progress).text_content())
        return order

    def test_a_deleted_instance_gives_no_second_trial(self):
        first, _progress = self.order_and_confirm()
        self.assertTrue(first.base_id.trial_end)
        self.run_job(first.base_id.active_job_id)
        first.base_id.write({"state": "purged", "wanted": "purged"})
        self.refused(name="again")
        self.last_order().unlink()
        first.base_id.unlink()
        self.refused(name="again")

    def test_another_form_of_the_address_gives_none(self):
        self.order_and_confirm()
        for number, email in enumerate(
            ("jane+1@customer.test", "Jane+Shop@Customer.test")
        ):
            order = self.refused(name=f"again{number}", email=email)
            self.assertFalse(order.user_id, "nothing is made for it")
        users = self.env["res.users"].search([("login", "=like", "jane+%")])
        self.assertFalse(users)

    def test_a_company_has_one_trial(self):
        company = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        for login in ("anna@acme.test", "bob@acme.test"):
            user = new_test_user(
                self.env, login, groups="base.group_portal", email=login
            )
            user.partner_id.parent_id = company
        states = []
        for login in ("anna@acme.test", "bob@acme.test"):
            self.authenticate(login, login)
            self.send(name=login.partition("@")[0])
            states.append(self.last_order().state)
        self.assertEqual(states, ["deploying", "cancelled"])

    def test_what_came_to_nothing_was_no_trial(self):
        first, _progress = self.order_and_confirm()
        first.state = "cancelled"
        second, _progress = self.order_and_confirm(name="again")
        self.assertEqual(second.state, "deploying")

    def test_a_trial_of_another_application_is_another(self):
        self.order_and_confirm()
        self.app_shop.web_trial_days = 0
        second, _progress = self.order_and_confirm(name="again")
        self.assertEqual(second.state, "deploying")
        self.assertFalse(second.base_id.trial_end)

    def test_the_limit_counts_all_forms_of_an_address(self):
        self.app_shop.write({"web_trial_days": 0, "web_max_per_customer": 1})
        self.order_and_confirm()
        order, progress = self.order_and_confirm(
            name="again", email="jane+1@customer.test"
        )
        self.assertEqual(order.state, "cancelled")
        self.assertIn("You have 1 instances", self.page(progress).text_content())

    def test_mails_are_counted_for_all_forms_of_an_address(self):
        self.env["ir.config_parameter"].set_param("clouder.order_per_email", 1)
        self.send(name="one")
        self.send(name="two", email="jane+1@customer.test")
        self.assertFalse(self.mails("jane+1@customer.test"))
