from odoo.tests import tagged

from .common import WebsiteCase


@tagged("post_install", "-at_install")
class TestTour(WebsiteCase):
    """The pages in a real browser, on a desktop and on a phone."""

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

    def order(self):
        self.start_tour("/instances", "clouder_website_order", timeout=180)
        order = self.last_order()
        self.assertEqual(order.title, "Acme & Sons")
        self.start_tour(self.confirm_path(), "clouder_website_confirm", timeout=180)
        self.assertEqual(self.last_order().state, "deploying")

    def test_a_stranger_orders(self):
        self.order()

    def test_the_progress_page_follows_by_itself(self):
        order, progress = self.order_and_confirm()
        order.base_id.active_job_id.step_ids[:1].name = "<b>Steps</b> are text"
        self.start_tour(progress, "clouder_website_progress", timeout=180)

    def test_a_failure_is_shown_and_tried_again(self):
        order, progress = self.order_and_confirm()
        self.run_job(order.base_id.active_job_id, broken="base_create_database")
        self.start_tour(progress, "clouder_website_failed", timeout=180)
        self.assertEqual(self.last_order().state, "deploying")

    def test_an_old_link(self):
        self.send()
        self.last_order().token_expires = "2026-01-01"
        self.env.flush_all()
        self.start_tour(self.confirm_path(), "clouder_website_expired", timeout=180)

    def test_the_building_block_has_a_form(self):
        self.env["website.page"].create(
            {
                "url": "/offer",
                "name": "Offer",
                "is_published": True,
                "type": "qweb",
                "key": "clouder_website.test_offer",
                "arch": """<t t-call="website.layout"><div id="wrap">
                <section class="s_clouder_order" data-snippet="s_clouder_order"
                    data-code="shop">
                    <div class="s_clouder_order_form"/>
                </section></div></t>""",
            }
        )
        self.start_tour("/offer", "clouder_website_block", timeout=180)
        self.assertEqual(self.last_order().base_name, "acme")


@tagged("post_install", "-at_install")
class TestPhone(WebsiteCase):
    """The same on a narrow screen."""

    browser_size = "390x844"
    touch_enabled = True

    def test_nothing_is_wider_than_the_screen(self):
        self.send()
        confirm = self.confirm_path()
        progress = self.click(confirm).headers["Location"]
        code = """
            const page = document.documentElement;
            if (page.scrollWidth > page.clientWidth) {
                throw new Error(`${page.scrollWidth} pixels wide`);
            }
            console.log("test successful");
        """
        for path in (
            "/instances",
            "/instances/shop",
            "/instances/embed/shop",
            progress,
        ):
            with self.subTest(path=path):
                self.browser_js(path, code, "document.readyState === 'complete'")
