from odoo.tests import new_test_user, tagged

from .common import VISITOR, WebsiteCase

SENT = "/instances/sent"
WRONG = "jnae@customer.test"


@tagged("post_install", "-at_install")
class TestAgain(WebsiteCase):
    """Who mistyped orders anew, and who presses twice orders once."""

    def look(self, name="acme"):
        """Return what the live look says of a name."""
        values = {"code": "shop", "name": name, "domain": str(self.domain.id)}
        return self.make_jsonrpc_request("/instances/check", values)["state"]

    def form(self, **typed):
        """Open the order page; return what its form sends when it is filled in."""
        [form] = self.page("/instances/shop").xpath(
            "//form[@action='/instances/order']"
        )
        hidden = {
            field.get("name"): field.get("value")
            for field in form.xpath(".//input[@type='hidden']")
        }
        self.assertGreaterEqual(len(hidden["form_token"]), 43)
        return {**hidden, **VISITOR, **typed}

    def post(self, values):
        return self.url_open("/instances/order", data=values, allow_redirects=False)

    def test_who_mistyped_his_address_has_his_name_all_the_same(self):
        self.send(email=WRONG)
        first, old = self.last_order(), self.confirm_path(WRONG)
        self.assertEqual(self.look(), "free")
        self.assertEqual(self.send().status_code, 303)
        second = self.last_order()
        self.assertEqual((first.state, first.replaced_by_id), ("cancelled", second))
        page = self.page(old, status=410)
        self.assertIn("This order was replaced", page.text_content())
        token = self.token(self.page("/instances/shop"))
        response = self.url_open(old, data={"csrf_token": token})
        self.assertEqual(response.status_code, 410)
        self.assertEqual(self.click(self.confirm_path()).status_code, 303)
        self.assertEqual(self.last_order(), second)
        self.assertEqual(second.state, "deploying")
        self.assertEqual(second.base_id.poweruser_name, VISITOR["email"])

    def test_a_mail_that_did_not_come_is_sent_anew(self):
        self.send()
        self.assertEqual(self.send().status_code, 303)
        self.assertEqual(len(self.mails()), 2)
        self.assertEqual(self.click(self.confirm_path()).status_code, 303)

    def test_no_stranger_takes_the_name_with_the_address(self):
        self.send()
        order = self.last_order()
        self.opener.cookies.clear()
        self.assertEqual(self.look(), "taken")
        response = self.send()
        self.assertEqual(response.status_code, 200)
        self.assertIn("This name is taken", response.text)
        self.assertEqual(self.last_order(), order)
        self.assertEqual(order.state, "new")

    def test_what_is_refused_replaces_nothing(self):
        self.send()
        order = self.last_order()
        self.assertEqual(self.send(email="jane").status_code, 200)
        self.assertEqual(self.last_order(), order)
        self.assertEqual(order.state, "new")

    def test_another_name_replaces_nothing(self):
        for name in ("one", "two"):
            self.assertEqual(self.send(name=name).status_code, 303)
        self.assertEqual(self.orders.search([]).mapped("state"), ["new"] * 2)

    def test_what_is_confirmed_is_taken_for_everybody(self):
        order, _progress = self.order_and_confirm()
        self.assertEqual(self.look(), "taken")
        self.assertEqual(self.send(email=WRONG).status_code, 200)
        self.assertEqual(self.last_order(), order)
        self.assertEqual(order.state, "deploying")

    def test_a_form_that_is_sent_twice_orders_once(self):
        values = self.form()
        answers = [self.post(values) for _time in range(2)]
        self.assertEqual([one.status_code for one in answers], [303, 303])
        for answer in answers:
            self.assertTrue(answer.headers["Location"].endswith(SENT))
        self.assertEqual(self.orders.search([]).mapped("state"), ["new"])
        self.assertEqual(len(self.mails()), 1)

    def test_a_form_with_another_address_is_another_one(self):
        values = self.form(email=WRONG)
        for email in (WRONG, VISITOR["email"]):
            self.assertEqual(self.post({**values, "email": email}).status_code, 303)
        states = self.orders.search([], order="id").mapped("state")
        self.assertEqual(states, ["cancelled", "new"])

    def test_the_second_press_of_a_known_customer_finds_the_progress(self):
        login = VISITOR["email"]
        new_test_user(self.env, login, groups="base.group_portal", email=login)
        self.authenticate(login, login)
        values = self.form()
        first, second = (self.post(values) for _time in range(2))
        self.assertIn("/instances/progress/", first.headers["Location"])
        self.assertEqual(second.headers["Location"], first.headers["Location"])
        self.assertEqual(len(self.orders.search([])), 1)
        self.assertEqual(self.page(second.headers["Location"]).tag, "html")

    def test_the_form_of_a_confirmed_order_opens_no_progress_elsewhere(self):
        values = self.form()
        self.post(values)
        self.click(self.confirm_path())
        self.opener.cookies.clear()
        values["csrf_token"] = self.token(self.page("/instances/shop"))
        response = self.post(values)
        self.assertTrue(response.headers["Location"].endswith("/my/instances"))
        self.assertEqual(len(self.orders.search([])), 1)

    def test_a_name_is_free_again_when_nobody_confirmed_the_form(self):
        values = self.form()
        self.post(values)
        self.last_order().token_expires = "2026-01-01"
        self.env.flush_all()
        self.assertEqual(self.post(values).status_code, 303)
        states = self.orders.search([], order="id").mapped("state")
        self.assertEqual(states, ["expired", "new"])

    def test_the_database_holds_a_digest_of_the_form(self):
        values = self.form()
        self.post(values)
        self.assertNotIn(values["form_token"], str(self.last_order().sudo().read()))

    def test_the_form_is_sent_once(self):
        [form] = self.page("/instances/shop").xpath(
            "//form[@action='/instances/order']"
        )
        self.assertIn("o_clouder_once", form.get("class").split())
