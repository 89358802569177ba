import base64

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import WebsiteCase

PIXEL = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
        "AABJRU5ErkJggg=="
    )
)


@tagged("post_install", "-at_install")
class TestCatalogue(WebsiteCase):
    """What can be ordered, and where its form stands."""

    def test_what_is_published_can_be_ordered(self):
        for values in (
            {"web_create_type": "none"},
            {"next_service_id": False},
            {"web_create_type": "service", "next_node_id": False},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.app_shop.write(values)
        with self.assertRaises(ValidationError):
            self._application("sent", self.type_shop, web_create_type="service").write(
                {"web_published": True}
            )

    def test_a_secret_is_no_option_of_a_visitor(self):
        for name in ("token", "workers"):
            option = self.type_shop.option_ids.filtered_domain([("name", "=", name)])
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.app_shop.web_option_ids = option

    def test_the_page_shows_what_the_application_says(self):
        self.app_shop.write(
            {
                "web_title": "The shop",
                "web_description": "<p>Sells it all.</p>",
                "web_trial_days": 15,
                "web_terms": "<p>Pay in time.</p>",
                "image_1920": PIXEL,
            }
        )
        text = self.page("/instances/shop").text_content()
        for words in ("The shop", "Sells it all.", "15", "Pay in time."):
            self.assertIn(words, text)
        picture = self.url_open("/instances/shop/picture")
        self.assertEqual(picture.headers["Content-Type"], "image/png")

    def _offered(self):
        page = self.page("/instances/shop")
        return page.xpath("//select[@name='lang']/option/@value")

    def test_the_languages_that_are_offered_can_be_ordered(self):
        languages = self.env["res.lang"].with_context(active_test=False)
        installed = [code for code, _name in languages.get_installed()]
        self.assertEqual(sorted(self._offered()), sorted(installed))
        self.assertIn("Choose one of the languages", self.send(lang="eo_EO").text)
        inactive = languages.search([("active", "=", False)], limit=2)
        self.app_shop.web_lang_ids = inactive
        self.assertEqual(sorted(self._offered()), sorted(inactive.mapped("code")))
        self.assertIn("Choose one of the languages", self.send(lang="en_US").text)
        self.send(lang=inactive[0].code)
        self.assertEqual(self.last_order().lang, inactive[0].code)

    def test_terms_must_be_accepted(self):
        self.app_shop.web_terms = "<p>Pay in time.</p>"
        self.assertIn("Accept the terms", self.send().text)
        self.send(terms="1")
        self.assertTrue(self.last_order().terms_accepted_at)

    def test_terms_that_say_nothing_ask_for_nothing(self):
        self.app_shop.web_terms = "<p><br></p>"
        self.assertEqual(self.send().status_code, 303)
        self.assertFalse(self.last_order().terms_accepted_at)

    def test_a_service_of_ones_own_uses_what_is_public(self):
        with self.assertRaisesRegex(ValidationError, "customers may use no service"):
            self.app_shop.web_create_type = "service"
        line = self.app_shop._service_links_of_tree().filtered("required")
        line.next = self.store
        self.app_shop.web_create_type = "service"
        line.next = False
        self.order_and_confirm()
        self.assertEqual(self.last_order().state, "failed")
        self.assertFalse(self.last_order().base_id)

    def test_a_service_of_ones_own(self):
        self.store.public = True
        self.app_shop.web_create_type = "service"
        order, _progress = self.order_and_confirm()
        service = order.base_id.service_id
        self.assertNotEqual(service, self.shop)
        self.assertEqual(service.environment_id, order.environment_id)

    def test_an_instance_can_begin_anew(self):
        values = {
            "name": "demo",
            "domain_id": self.domain.id,
            "environment_id": self.environment.id,
            "application_id": self.app_shop.id,
        }
        bases = self.env["clouder.base"].with_context(clouder_no_deploy=True)
        demo = bases.create({**values, "service_id": self.shop.id})
        demo.write({"state": "running", "deployed_at": "2026-01-01"})
        self.app_shop.web_reset_id = demo
        base = self.order_and_confirm()[0].base_id
        self.assertEqual(base.reset_id, demo)
        base.state = "running"
        base.active_job_id.sudo().state = "done"
        self.assertIn("reset", base._portal_verbs())
        other = self._service(self.app_shop, "other")
        with self.assertRaisesRegex(ValidationError, "not in the next service"):
            self.app_shop.next_service_id = other

    def test_what_has_no_bases_is_not_sold(self):
        for kind in ("service", "base"):
            values = {
                "web_create_type": kind,
                "web_published": True,
                "next_node_id": self.node.id,
            }
            with (
                self.subTest(kind=kind),
                self.assertRaisesRegex(ValidationError, "look after bases only"),
            ):
                self.app_store.write(values)
        with self.assertRaisesRegex(ValidationError, "look after bases only"):
            self.app_shop.base = False

    def test_the_form_in_other_sites(self):
        response = self.url_open("/instances/embed/shop")
        self.assertEqual(
            response.headers["Content-Security-Policy"], "frame-ancestors 'self'"
        )
        settings = self.env["res.config.settings"].create(
            {"clouder_order_embed_origins": "https://a.test, http://b.test:8080"}
        )
        settings.execute()
        response = self.url_open("/instances/embed/shop")
        self.assertEqual(
            response.headers["Content-Security-Policy"],
            "frame-ancestors 'self' https://a.test http://b.test:8080",
        )
        self.assertNotIn("X-Frame-Options", response.headers)
        order_page = self.url_open("/instances/shop").headers
        self.assertEqual(order_page["X-Frame-Options"], "SAMEORIGIN")
        self.assertNotIn("Access-Control-Allow-Origin", response.headers)

    def test_what_is_no_origin_is_refused(self):
        for origin in ("*", "https://*.a.test", "a.test", "https://a.test/x", "x; y"):
            with self.subTest(origin=origin), self.assertRaises(ValidationError):
                self.env["res.config.settings"].create(
                    {"clouder_order_embed_origins": origin}
                )

    def test_the_building_block_gets_a_form_of_its_own(self):
        page = self.page("/instances/form/shop")
        self.assertTrue(self.token(page))
        self.assertFalse(page.xpath("//header"))
        choices = self.make_jsonrpc_request("/instances/choices")
        self.assertEqual(choices, [{"code": "shop", "name": "Shop"}])
