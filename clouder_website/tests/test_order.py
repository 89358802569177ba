from odoo.tests import tagged

from .common import WebsiteCase


@tagged("post_install", "-at_install")
class TestOrder(WebsiteCase):
    """A stranger's order, from the first page to the running instance."""

    def test_from_the_form_to_the_instance(self):
        catalogue = self.page("/instances")
        self.assertIn("/instances/shop", catalogue.xpath("//a/@href"))
        response = self.send()
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith("/instances/sent"))
        order = self.last_order()
        self.assertEqual(order.state, "new")
        self.assertFalse(order.base_id)
        response = self.click(self.confirm_path())
        self.assertEqual(response.status_code, 303)
        order = self.last_order()
        self.assertEqual(order.state, "deploying")
        base = order.base_id
        self.assertEqual(base.fulldomain, "acme.example.test")
        self.assertEqual(base.service_id, self.shop)
        self.assertEqual(base.title, "Acme")
        self.assertEqual(base.poweruser_name, "jane@customer.test")
        self.assertEqual(base.active_job_id.action, "deploy")
        self.assertEqual(base.environment_id.partner_id, order.partner_id)
        page = self.page(response.headers["Location"])
        self.assertTrue(page.xpath("//li[contains(@class, 'o_clouder_step')]"))
        self.run_job(base.active_job_id)
        order = self.last_order()
        self.assertEqual((base.state, order.state), ("running", "running"))
        self.assertIn("is ready", self.mails()[:1].subject)
