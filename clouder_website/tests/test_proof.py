from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import VISITOR, WebsiteCase

VICTIM = "victim@customer.test"


@tagged("post_install", "-at_install")
class TestProof(WebsiteCase):
    """An account gets what is ordered for its address when the address is its owner's."""

    def setUp(self):
        super().setUp()
        self.env["website"].search([]).auth_signup_uninvited = "b2c"

    def sign_up(self, login, token=None):
        """Make an account as a stranger does; its password is the login."""
        public = self.env.ref("base.public_user")
        # sudo: as the page for it does
        users = self.env["res.users"].with_user(public).sudo()
        users.signup({"login": login, "name": "Signed Up", "password": login}, token)
        return self.env["res.users"].search([("login", "=", login)])

    def post(self, path):
        """Post to ``path`` with a token of a page that has one."""
        token = self.token(self.page("/instances/shop"))
        return self.url_open(path, data={"csrf_token": token}, allow_redirects=False)

    def assert_login_asked(self, path):
        self.assertIn("Log in to confirm", self.page(path).text_content())
        response = self.post(path)
        self.assertEqual(response.status_code, 200)
        self.assertIn("Log in to confirm", response.text)
        order = self.last_order()
        self.assertEqual(order.state, "new")
        self.assertFalse(order.base_id)

    def login_link(self, path):
        """Return where the page of a link leads who must log in."""
        links = self.page(path).xpath("//a[starts-with(@href, '/web/')]/@href")
        [link] = [link for link in links if "confirm" in link]
        return link

    def test_who_signed_up_first_gets_nobodys_order(self):
        attacker = self.sign_up(VICTIM)
        self.assertFalse(attacker._is_proven())
        self.send(email=VICTIM)
        path = self.confirm_path(VICTIM)
        self.assert_login_asked(path)
        self.assertEqual(
            self.login_link(path), f"/web/login?redirect={path.replace('/', '%2F')}"
        )
        new_test_user(self.env, "other", groups="base.group_portal")
        self.authenticate("other", "other")
        self.assert_login_asked(path)
        self.assertTrue(self.login_link(path).startswith("/web/session/logout?"))

    def test_who_has_the_account_and_reads_its_mail_gets_it(self):
        user = self.sign_up(VICTIM)
        self.send(email=VICTIM)
        path = self.confirm_path(VICTIM)
        self.authenticate(VICTIM, VICTIM)
        self.assertEqual(self.click(path).status_code, 303)
        order = self.last_order()
        self.assertEqual((order.state, order.user_id), ("deploying", user))
        self.assertTrue(user._is_proven())

    def test_who_signed_up_confirms_his_first_order(self):
        user = self.sign_up(VICTIM)
        self.authenticate(VICTIM, VICTIM)
        page = self.page("/instances/shop")
        self.assertIn("You get a mail to confirm", page.text_content())
        response = self.send()
        self.assertTrue(response.headers["Location"].endswith("/instances/sent"))
        self.assertEqual(self.last_order().state, "new")
        path = self.confirm_path(VICTIM)
        self.click(path)
        self.assertEqual(self.last_order().user_id, user)
        self.assertTrue(user.clouder_proven_at)
        response = self.send(name="second")
        self.assertIn("/instances/progress/", response.headers["Location"])
        page = self.page("/instances/shop")
        self.assertNotIn("You get a mail to confirm", page.text_content())

    def test_who_only_reads_the_mail_confirms_no_order_of_an_account(self):
        user = self.sign_up("attacker@customer.test")
        user.email = VICTIM
        self.authenticate(user.login, user.login)
        self.send()
        self.authenticate(None, None)
        self.assert_login_asked(self.confirm_path(VICTIM))

    def test_a_changed_address_is_not_proven(self):
        user = new_test_user(
            self.env,
            "known@customer.test",
            groups="base.group_portal",
            email="known@customer.test",
        )
        self.assertTrue(user._is_proven())
        user.email = VICTIM
        self.assertFalse(user._is_proven())
        self.authenticate(user.login, user.login)
        response = self.send()
        self.assertTrue(response.headers["Location"].endswith("/instances/sent"))
        self.assertTrue(self.mails(VICTIM))

    def test_an_account_nobody_entered_needs_the_mail_alone(self):
        first, _progress = self.order_and_confirm()
        self.assertTrue(first.user_id._is_proven())
        second, _progress = self.order_and_confirm(name="second")
        self.assertEqual(second.user_id, first.user_id)
        self.env["res.users.log"].with_user(first.user_id).sudo().create({})
        self.send(name="third")
        self.assert_login_asked(self.confirm_path())

    def test_who_was_invited_has_proven_the_address_of_the_invitation(self):
        partners = self.env["res.partner"].create(
            [{"name": "Invited", "email": f"i{one}@customer.test"} for one in (1, 2)]
        )
        partners.signup_prepare()
        own, other = (partner._generate_signup_token() for partner in partners)
        self.assertTrue(self.sign_up("i1@customer.test", own)._is_proven())
        self.assertFalse(self.sign_up(VICTIM, other)._is_proven())

    def test_a_script_gives_nothing_to_such_an_account(self):
        self.sign_up(VICTIM)
        values = {
            "application": "shop",
            "name": "acme",
            "email": VICTIM,
            "contact_name": "Jane Doe",
        }
        admin = self.env.ref("base.user_admin")
        with self.assertRaisesRegex(UserError, "Nobody has shown"):
            self.orders.with_user(admin).order(values)

    def test_the_first_mail_carries_no_name(self):
        user = self.sign_up("attacker@customer.test")
        user.write({"email": VICTIM, "name": "win at http://evil.example"})
        self.authenticate(user.login, user.login)
        self.send()
        self.send(name="other", email=VISITOR["email"])
        self.assertEqual(len(self.mails(VICTIM)), 2)
        for mail in self.mails(VICTIM):
            self.assertNotIn("evil", mail.body_html)
            self.assertNotIn("win at", mail.body_html)
        self.assertEqual(self.last_order().contact_name, "win at http evil example")

    def test_nobody_reads_or_writes_the_proof(self):
        user = self.sign_up(VICTIM)
        for access in ("read", "write"):
            field = user._fields["clouder_proven_email"]
            self.assertFalse(user.with_user(user)._has_field_access(field, access))
