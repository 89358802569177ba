import re
from unittest.mock import Mock, patch

from lxml import html

from odoo.exceptions import AccessDenied
from odoo.tests import new_test_user, tagged

from odoo.addons.auth_signup.models.res_partner import SignupError

from .common import WebsiteCase

RESET = "/web/reset_password"
KNOWN = "known@customer.test"
ALERT = "//p[contains(@class, 'alert-danger')]"
VOLATILE = re.compile(r'csrf_token[^,>]*|data-view-xmlid="[^"]*"|nonce="[^"]*"')


@tagged("post_install", "-at_install")
class TestPassword(WebsiteCase):
    """Odoo's pages for accounts tell no stranger who has one."""

    def setUp(self):
        super().setUp()
        new_test_user(self.env, KNOWN, groups="base.group_portal", email=KNOWN)
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("auth_signup.reset_password", "True")
        self.env["website"].search([]).auth_signup_uninvited = "b2c"
        self.asked = []
        users = self.env.registry["res.users"]
        self.patch(
            users, "action_reset_password", lambda found: self.asked.extend(found)
        )

    def ask(self, login, path=RESET, **values):
        token = self.token(self.page(path))
        data = {"csrf_token": token, "login": login, **values}
        return self.url_open(path, data=data, allow_redirects=False)

    def queued(self):
        """Return what the queue was asked to look for."""
        self.env.invalidate_all()
        jobs = self.env["queue.job"].search([("method_name", "=", "_mail_reset")])
        return [job.args[0] for job in jobs.sorted("id")]

    def test_everybody_gets_the_same_answer(self):
        answers = [self.ask(login) for login in (KNOWN, "nobody@customer.test")]
        self.assertEqual([one.status_code for one in answers], [200, 200])
        texts = {VOLATILE.sub("", one.text) for one in answers}
        self.assertEqual(len(texts), 1)
        self.assertIn("If there is an account", texts.pop())
        self.assertFalse(self.asked, "the answer does not wait for it")
        self.assertEqual(self.queued(), [KNOWN, "nobody@customer.test"])

    def test_the_queue_writes_to_who_is_there(self):
        users = self.env["res.users"]
        for login in (KNOWN, "nobody@customer.test"):
            users._mail_reset(login, self.env["website"].search([], limit=1).id)
        self.assertEqual([user.login for user in self.asked], [KNOWN])

    def test_it_is_limited_by_address_and_by_account(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("clouder.order_per_email", 1)
        parameters.set_param("clouder.order_per_address", 3)
        codes = [
            self.ask(login).status_code
            for login in (KNOWN, "Known+1@customer.test", "x@y.test", "z@y.test")
        ]
        self.assertEqual(codes, [200, 200, 200, 429])
        self.assertEqual(self.queued(), [KNOWN, "x@y.test"])

    def test_accounts_are_not_tried_one_after_the_other(self):
        self.env["ir.config_parameter"].set_param("clouder.order_per_address", 1)
        values = {"name": "x", "password": "one-password", "confirm_password": "two"}
        first = self.ask(KNOWN, "/web/signup", **values)
        self.assertNotEqual(first.status_code, 429)
        self.assertEqual(self.ask(KNOWN, "/web/signup", **values).status_code, 429)

    def refused_sign_up(self, login):
        """Return what a page tells somebody who signs up with ``login``, in vain."""
        password = "one-password"
        values = {"name": "x", "password": password, "confirm_password": password}
        response = self.ask(login, "/web/signup", **values)
        self.assertEqual(response.status_code, 200, "nobody is logged in")
        self.assertNotIn("Another user", response.text)
        [told] = html.fromstring(response.content).xpath(ALERT)
        return told.text_content().strip()

    def test_a_sign_up_that_fails_does_not_say_why(self):
        known = self.refused_sign_up(KNOWN)
        self.assertIn("Could not create a new account.", known)
        self.assertNotIn("registered", known)

        def refuse(_users, _values):
            raise SignupError("another reason")

        users = self.env.registry["res.users"]
        self.patch(users, "_create_user_from_template", refuse)
        self.assertEqual(self.refused_sign_up("nobody@customer.test"), known)

    def test_an_address_in_the_link_leads_nowhere(self):
        user = self.env["res.users"].search([("login", "=", KNOWN)])
        self.env["res.users.log"].with_user(user).sudo().create({})
        for path in (RESET, "/web/signup"):
            response = self.url_open(
                f"{path}?signup_email={KNOWN}", allow_redirects=False
            )
            self.assertEqual(response.status_code, 200, path)

    def test_a_link_of_a_mail_still_works(self):
        partner = self.env["res.users"].search([("login", "=", KNOWN)]).partner_id
        partner.signup_prepare(signup_type="reset")
        token = partner._generate_signup_token()
        page = self.page(f"{RESET}?token={token}")
        self.assertTrue(page.xpath("//input[@name='password']"))

    def work(self, login):
        """Return how often a password was hashed for a login that is refused."""
        users = self.env["res.users"]
        context = users._crypt_context()
        counter = Mock(wraps=context)
        credential = {"type": "password", "login": login, "password": "wrong"}
        with (
            patch.object(type(users), "_crypt_context", lambda _users: counter),
            self.assertRaises(AccessDenied),
        ):
            users.authenticate(credential, {"interactive": False})
        calls = counter.hash.call_count + counter.verify_and_update.call_count
        hashed = [call.args[1] for call in counter.verify_and_update.call_args_list]
        return calls - hashed.count("")

    def test_a_refused_login_costs_the_same_for_everybody(self):
        new_test_user(self.env, "new@customer.test", groups="base.group_portal")
        self.env.cr.execute(
            "UPDATE res_users SET password = NULL WHERE login = 'new@customer.test'"
        )
        for login in (KNOWN, "new@customer.test", "nobody@customer.test"):
            with self.subTest(login=login):
                self.assertEqual(self.work(login), 1)

    def test_an_order_costs_the_same_for_everybody(self):
        self.send(email="warm@up.test", name="warm")
        costs = []
        for name, email in (("one", KNOWN), ("two", "nobody@customer.test")):
            before = self.env.cr.sql_log_count
            self.assertEqual(self.send(email=email, name=name).status_code, 303)
            costs.append(self.env.cr.sql_log_count - before)
        self.assertTrue(costs[0])
        self.assertEqual(costs[0], costs[1])
