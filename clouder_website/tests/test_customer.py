from odoo.tests import new_test_user, tagged

from .common import WebsiteCase


@tagged("post_install", "-at_install")
class TestCustomer(WebsiteCase):
    """Who ordered: a portal user, and nobody else's things."""

    def portal(self, login, **values):
        return new_test_user(
            self.env, login, groups="base.group_portal", email=login, **values
        )

    def test_a_stranger_becomes_a_portal_user(self):
        order, _progress = self.order_and_confirm()
        user = order.user_id
        self.assertTrue(user.share)
        self.assertTrue(user._is_portal())
        self.assertEqual(user.login, "jane@customer.test")
        self.assertEqual(order.environment_id.partner_id, user.partner_id)
        self.assertFalse(order.environment_id.user_ids)
        self.assertRegex(order.environment_id.prefix, "^jane-doe-[0-9]+$")

    def test_a_known_address_gets_the_same_answer(self):
        self.portal("known@customer.test", name="Known")
        first = self.send(name="xxx1", email="known@customer.test")
        second = self.send(name="xxx2", email="stranger@customer.test")
        self.assertEqual(first.status_code, second.status_code)
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        bodies = [
            self.mails(email).body_html.replace(name, "").replace(email, "")
            for email, name in (
                ("known@customer.test", "xxx1"),
                ("stranger@customer.test", "xxx2"),
            )
        ]
        self.assertEqual(len(bodies[0]), len(bodies[1]))

    def test_what_is_known_of_a_customer_stays_as_it_is(self):
        user = self.portal("known@customer.test", name="The Real Name")
        order = self.confirm_as("known@customer.test", contact_name="Somebody Else")
        self.assertEqual(order.user_id, user)
        self.assertEqual(user.name, "The Real Name")

    def test_an_internal_user_stays_what_he_is(self):
        user = new_test_user(
            self.env,
            "boss@house.test",
            groups="base.group_user",
            email="boss@house.test",
        )
        groups = user.group_ids
        order = self.confirm_as("boss@house.test")
        self.assertEqual(order.user_id, user)
        self.assertEqual(user.group_ids, groups)

    def test_a_closed_account_is_not_opened(self):
        user = self.portal("gone@customer.test")
        user.active = False
        order, _progress = self.order_and_confirm(email="gone@customer.test")
        self.assertEqual(order.state, "cancelled")
        self.assertFalse(user.active)
        self.assertFalse(order.base_id)

    def test_a_known_customer_needs_no_mail(self):
        user = self.portal("known@customer.test", name="Known")
        own = self.env["clouder.environment"].create(
            {"name": "Mine", "prefix": "mine", "partner_id": user.partner_id.id}
        )
        self.authenticate("known@customer.test", "known@customer.test")
        page = self.page("/instances/shop")
        self.assertFalse(page.xpath("//input[@name='email']"))
        choices = page.xpath("//select[@name='environment']/option/@value")
        self.assertEqual(choices, [str(own.id)])
        response = self.send(environment=str(own.id), email="victim@other.test")
        self.assertIn("/instances/progress/", response.headers["Location"])
        order = self.last_order()
        self.assertEqual(order.email, "known@customer.test")
        self.assertEqual(order.environment_id, own)
        self.assertEqual(order.state, "deploying")
        self.assertFalse(self.mails("known@customer.test"))

    def test_anothers_environment_does_not_exist(self):
        self.portal("known@customer.test")
        self.authenticate("known@customer.test", "known@customer.test")
        for number in (self.environment.id, 999999, "x", "-1"):
            with self.subTest(environment=number):
                response = self.send(environment=str(number))
                self.assertEqual(response.status_code, 200)
                self.assertIn("Choose one of your environments", response.text)
        self.assertFalse(self.orders.search([]))

    def test_a_stranger_cannot_name_an_environment(self):
        order, _progress = self.order_and_confirm(environment=str(self.environment.id))
        self.assertNotEqual(order.environment_id, self.environment)

    def test_the_progress_page_needs_its_own_token(self):
        order, progress = self.order_and_confirm()
        other, elsewhere = self.order_and_confirm(
            name="other", email="other@customer.test"
        )
        mine, theirs = (path.rpartition("/")[2] for path in (progress, elsewhere))
        paths = (
            f"/instances/progress/{other.id}/{mine}",
            f"/instances/progress/{order.id}/{theirs}",
            f"/instances/progress/{order.id}/x",
            f"/instances/progress/999999/{mine}",
        )
        token = self.token(self.page("/instances/shop"))
        for path in paths:
            with self.subTest(path=path):
                self.page(path, status=404)
                self.page(f"{path}/state", status=404)
                for verb in ("retry", "enter"):
                    response = self.url_open(
                        f"{path}/{verb}", data={"csrf_token": token}
                    )
                    self.assertEqual(response.status_code, 404)

    def test_the_second_order_goes_into_the_same_environment(self):
        first, _progress = self.order_and_confirm()
        second, _progress = self.order_and_confirm(name="more")
        self.assertEqual(first.environment_id, second.environment_id)
        self.assertEqual(first.user_id, second.user_id)

    def test_what_is_wrong_is_told_to_people_of_the_house(self):
        order, _progress = self.order_and_confirm()
        self.assertEqual(order.base_id._manager(), self.env.ref("base.user_admin"))
