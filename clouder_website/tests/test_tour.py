from lxml import html

from odoo import SUPERUSER_ID
from odoo.tests import new_test_user, tagged

from .common import VISITOR, WebsiteCase


class OrderTour:
    """From the catalogue to the instance, in a real browser."""

    def setUp(self):
        super().setUp()
        self.env["clouder.base"].create(
            {
                "name": "taken",
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
            }
        )

    def tour(self, url, name):
        self.start_tour(url, f"clouder_website_{name}", timeout=180)

    def test_a_stranger_orders(self):
        self.tour("/instances", "order")
        order = self.last_order()
        self.assertEqual(order.title, "Acme & Sons")
        self.tour(self.confirm_path(), "confirm")
        self.assertEqual(self.last_order().state, "deploying")

    def _customer(self):
        """Create a portal user whose company has two environments; return these."""
        company = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        user = new_test_user(
            self.env, VISITOR["email"], groups="base.group_portal", name="Jane Doe"
        )
        user.partner_id.parent_id = company
        return self.env["clouder.environment"].create(
            [
                {"name": "Acme", "prefix": "acme", "partner_id": company.id},
                {
                    "name": "Acme online",
                    "prefix": "online",
                    "partner_id": user.partner_id.id,
                },
            ]
        )

    def _jobs_end(self):
        """Have the job of an order end as soon as its page was told how it goes."""
        orders = self.env.registry["clouder.order"]
        progress = orders._progress

        def told(order):
            answer = progress(order)
            if answer["state"] == "deploying":
                job = order.job_id.with_user(SUPERUSER_ID)
                job.step_ids.state = "done"
                job._end("done")
            return answer

        self.patch(orders, "_progress", told)

    def test_a_known_customer_orders(self):
        _company, online = self._customer()
        self._jobs_end()
        self.tour("/instances", "customer")
        order = self.last_order()
        self.assertEqual(order.email, VISITOR["email"])
        self.assertEqual(order.environment_id, online)
        self.assertEqual(order.base_id.environment_id, online)
        self.assertFalse(order.token_digest)

    def test_the_progress_page_follows_by_itself(self):
        order, progress = self.order_and_confirm()
        order.base_id.active_job_id.step_ids[:1].name = "<b>Steps</b> are text"
        self.tour(progress, "progress")

    def test_a_failure_is_shown_and_tried_again(self):
        order, progress = self.order_and_confirm()
        self.run_job(order.base_id.active_job_id, broken="base_create_database")
        self.tour(progress, "failed")
        self.assertEqual(self.last_order().state, "deploying")

    def test_an_old_link(self):
        self.send()
        self.last_order().token_expires = "2026-01-01"
        self.env.flush_all()
        self.tour(self.confirm_path(), "expired")

    def test_the_form_in_the_page_of_another_site(self):
        self.tour("/instances/embed/shop", "embedded")

    def test_the_building_block_has_a_form(self):
        rendered = self.env["ir.qweb"]._render("clouder_website.s_clouder_order")
        block = html.fromstring(rendered)
        block.set("data-code", "shop")
        self.env["website.page"].create(
            {
                "url": "/offer",
                "name": "Offer",
                "is_published": True,
                "type": "qweb",
                "key": "clouder_website.test_offer",
                "arch": f"""<t t-call="website.layout"><div id="wrap">
                {html.tostring(block, encoding="unicode", method="xml")}
                </div></t>""",
            }
        )
        self.tour("/offer", "block")
        self.assertEqual(self.last_order().base_name, "acme")


@tagged("post_install", "-at_install", "clouder_tour")
class TestTourDesktop(OrderTour, WebsiteCase):
    allow_inherited_tests_method = True
    browser_size = "1366x768"


@tagged("post_install", "-at_install", "clouder_tour")
class TestTourPhone(OrderTour, WebsiteCase):
    allow_inherited_tests_method = True
    browser_size = "390x844"
    touch_enabled = True
