from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import WebsiteCase

# Each way to take an application out of the catalogue.
UNPUBLISHED = {"web_published": False}
EMPTY = {"web_published": False, "web_create_type": "none"}
ARCHIVED = {"active": False}
WAYS = (UNPUBLISHED, EMPTY, ARCHIVED)


@tagged("post_install", "-at_install")
class TestWithdrawn(WebsiteCase):
    """What was taken off the website is made by no link of a mail."""

    def bases(self):
        return self.env["clouder.base"].search_count([("name", "=", "acme")])

    def put_back(self):
        self.app_shop.write(
            {"active": True, "web_published": True, "web_create_type": "base"}
        )

    def failed_order(self, begun=False):
        """Order what fails, before its base is made or (``begun``) in its job."""
        if begun:
            order, progress = self.order_and_confirm()
            self.run_job(order.base_id.active_job_id, broken="base_create_database")
            return self.last_order(), progress
        bases = self.env.registry["clouder.base"]
        original = bases._check_links

        refusal = ValidationError("no")

        def refuse(_self):
            raise refusal

        self.send()
        self.patch(bases, "_check_links", refuse)
        progress = self.click(self.confirm_path()).headers["Location"]
        self.patch(bases, "_check_links", original)
        return self.last_order(), progress

    def retry_as_customer(self, progress):
        token = self.token(self.page(progress))
        return self.url_open(f"{progress}/retry", data={"csrf_token": token})

    def test_a_link_makes_nothing_and_says_so(self):
        self.send()
        path = self.confirm_path()
        token = self.token(self.page("/instances/shop"))
        for values in WAYS:
            self.put_back()
            self.app_shop.write(values)
            with self.subTest(values=values):
                page = self.page(path, status=410).text_content()
                self.assertIn("This cannot be ordered any more", page)
                response = self.url_open(path, data={"csrf_token": token})
                self.assertEqual(response.status_code, 410)
                self.assertIn("was taken off our website", response.text)
                self.assertEqual(self.last_order().state, "new")
                self.assertFalse(self.bases())
        self.put_back()
        self.click(path)
        self.assertEqual(self.last_order().state, "deploying", "it came back in time")

    def test_an_order_accepted_too_late_is_cancelled(self):
        self.send()
        order = self.last_order()
        self.app_shop.write(UNPUBLISHED)
        order._accept()
        self.assertEqual(order.state, "cancelled")
        self.assertIn("cannot be ordered any more", order._progress()["error"])
        self.assertFalse(order.user_id, "nothing is made for it")
        self.assertFalse(self.bases())

    def test_the_way_on_leads_to_what_there_is(self):
        order, progress = self.order_and_confirm()
        self.app_shop.write(UNPUBLISHED)
        order._cancel("No.")
        links = self.page(progress).xpath(
            "//div[contains(@class, 'o_clouder_when_cancelled')]//a/@href"
        )
        self.assertEqual(links, ["/instances"])

    def assert_no_retry(self, order, progress):
        """See that the customer cannot try again, is told so, and nothing changes."""
        buttons = "//form[contains(@class, 'o_clouder_retry') and not(@hidden)]"
        self.assertTrue(self.page(progress).xpath(buttons))
        self.app_shop.write(UNPUBLISHED)
        self.assertFalse(self.page(progress).xpath(buttons))
        response = self.retry_as_customer(progress)
        self.assertIn("so it is not tried again", response.text)
        self.assertEqual(self.last_order().state, "failed")
        self.assertTrue(order.activity_ids, "somebody was asked to look")

    def test_a_customer_does_not_retry_it(self):
        self.assert_no_retry(*self.failed_order())
        self.assertFalse(self.bases())

    def test_nor_when_its_base_was_begun(self):
        order, progress = self.failed_order(begun=True)
        self.assert_no_retry(order, progress)
        self.assertFalse(order.base_id.active_job_id)

    def test_a_deployer_does_not_either(self):
        order, _progress = self.failed_order()
        deployer = new_test_user(self.env, "d", groups="clouder.group_deployer")
        self.environment.user_ids = deployer
        order.environment_id = self.environment
        self.app_shop.write(UNPUBLISHED)
        with self.assertRaisesRegex(UserError, "cannot be ordered any more"):
            order.with_user(deployer).retry()
        self.assertEqual(order.state, "failed")

    def test_who_runs_it_keeps_his_promise(self):
        manager = new_test_user(
            self.env, "m", groups="clouder.group_application_manager"
        )
        self.app_shop.partner_id = manager.partner_id
        order, _progress = self.failed_order()
        self.app_shop.write(UNPUBLISHED)
        order.with_user(manager).retry()
        self.assertEqual(order.state, "deploying")
        self.assertTrue(order.base_id)

    def test_nobody_makes_what_no_order_makes(self):
        order, _progress = self.failed_order()
        admin = order.with_user(self.env.ref("base.user_admin"))
        for values in (EMPTY, ARCHIVED):
            self.put_back()
            self.app_shop.write(values)
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(UserError, "its orders create nothing"),
            ):
                admin.retry()
            self.assertEqual(order.state, "failed")
            self.assertTrue(order.activity_ids)
