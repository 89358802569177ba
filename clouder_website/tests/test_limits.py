from odoo.tests import tagged

from .common import WebsiteCase


@tagged("post_install", "-at_install")
class TestLimits(WebsiteCase):
    """What robots, and greedy people, do not get."""

    def setUp(self):
        super().setUp()
        self.app_shop.web_max_per_customer = 2

    def setting(self, name, value):
        self.env["ir.config_parameter"].set_param(f"clouder.order_{name}", value)

    def bases(self):
        return self.env["clouder.base"].search_count([])

    def test_an_address_orders_so_often_and_no_more(self):
        self.setting("per_address", 2)
        codes = [
            self.send(name=f"acme{number}", email=f"j{number}@customer.test")
            for number in range(4)
        ]
        self.assertEqual([one.status_code for one in codes], [303, 303, 429, 429])
        self.assertIn("Too many orders", codes[-1].text)
        self.assertEqual(self.orders.search_count([]), 2)

    def test_a_refused_order_counts_too(self):
        self.setting("per_address", 2)
        for _time in range(2):
            self.assertEqual(self.send(name="-bad-").status_code, 200)
        self.assertEqual(self.send().status_code, 429)

    def test_an_email_gets_so_many_mails_and_the_same_answer(self):
        self.setting("per_email", 1)
        first = self.send(name="one")
        second = self.send(name="two")
        self.assertEqual(
            (first.status_code, first.headers["Location"]),
            (second.status_code, second.headers["Location"]),
        )
        self.assertEqual(len(self.mails()), 1)
        self.assertEqual(self.last_order().state, "cancelled")

    def test_the_addresses_are_not_kept(self):
        self.send()
        kept = str(self.env["clouder.order.attempt"].search([]).read())
        self.assertNotIn("127.0.0.1", kept)
        self.assertNotIn("jane", kept)

    def test_looks_for_a_name_are_limited(self):
        self.setting("checks_per_address", 3)
        values = {"code": "shop", "name": "acme", "domain": str(self.domain.id)}
        states = [
            self.make_jsonrpc_request("/instances/check", values)["state"]
            for _time in range(5)
        ]
        self.assertEqual(states, ["free"] * 3 + ["unknown"] * 2)

    def test_a_robot_that_fills_in_everything_gets_nothing(self):
        response = self.send(company_site="https://spam.test")
        self.assertTrue(response.headers["Location"].endswith("/instances/sent"))
        self.assertFalse(self.orders.search([]))

    def test_the_captcha_is_asked_for(self):
        asked = []
        http = self.env.registry["ir.http"]
        self.patch(
            http,
            "_verify_request_recaptcha_token",
            lambda _self, action: asked.append(action),
        )
        self.send()
        self.assertEqual(asked, ["clouder_order"])

    def test_a_name_is_given_once(self):
        self.send()
        # Somebody else.
        self.opener.cookies.clear()
        answer = self.make_jsonrpc_request(
            "/instances/check",
            {"code": "shop", "name": "ACME ", "domain": str(self.domain.id)},
        )
        self.assertEqual(answer["state"], "taken")
        response = self.send(email="other@customer.test")
        self.assertEqual(response.status_code, 200)
        self.assertIn("This name is taken", response.text)
        self.assertEqual(self.orders.search_count([]), 1)

    def test_the_domains_own_names_are_reserved(self):
        for name in ("www", "mail", "ns1", "xn--pple-43d", "admin"):
            with self.subTest(name=name):
                self.assertEqual(self.send(name=name).status_code, 200)
        self.assertFalse(self.orders.search([]))

    def assert_taken(self, *names):
        """See that the live look and the order agree that these cannot be had."""
        for name in names:
            values = {"code": "shop", "name": name, "domain": str(self.domain.id)}
            with self.subTest(name=name):
                answer = self.make_jsonrpc_request("/instances/check", values)
                self.assertEqual(answer["state"], "taken")
                self.assertEqual(self.send(name=name).status_code, 200)
        self.assertFalse(self.orders.search([]))

    def test_the_hosts_of_clouder_itself_are_not_for_sale(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("web.base.url", "https://panel.example.test:8443")
        self.env["website"].create(
            {"name": "Second", "domain": "https://a.second.example.test"}
        )
        self.env["clouder.node"].create(
            [
                {"name": "n1.example.test", "start_port": 1024, "end_port": 1025},
                {"name": "x.rack.example.test", "start_port": 1024, "end_port": 1025},
            ]
        )
        self.assert_taken("panel", "second", "n1", "rack")
        # What lies below them is nobody's, and so is what only looks like them.
        self.assertEqual(self.send(name="anel").status_code, 303)

    def test_any_host_of_the_operator_is_not_for_sale(self):
        """Such as the domain that Clouder sends its mail from."""
        self.patch(
            self.env.registry["clouder.base"],
            "_operator_hosts",
            lambda _self: {"clouder.example.test", "a.post.example.test"},
        )
        self.assert_taken("clouder", "post")

    def test_a_domain_of_its_own_is_no_free_name(self):
        self.env["clouder.domain"].create(
            {"name": "own.example.test", "organisation": "x"}
        )
        self.assert_taken("own")

    def test_a_customer_has_so_many_and_no_more(self):
        for number in range(2):
            order, _progress = self.order_and_confirm(name=f"acme{number}")
            self.assertEqual(order.state, "deploying")
        before = self.bases()
        order, progress = self.order_and_confirm(name="acme2")
        self.assertEqual(order.state, "cancelled")
        self.assertEqual(self.bases(), before)
        self.assertIn("You have 2 instances", self.page(progress).text_content())
        answer = self.make_jsonrpc_request(
            "/instances/check",
            {"code": "shop", "name": "acme2", "domain": str(self.domain.id)},
        )
        self.assertEqual(answer["state"], "free")

    def test_a_base_that_took_the_name_meanwhile_wins(self):
        self.send()
        base = self.env["clouder.base"].create(
            {
                "name": "acme",
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
            }
        )
        response = self.click(self.confirm_path())
        order = self.last_order()
        self.assertEqual(order.state, "cancelled")
        self.assertFalse(order.base_id)
        page = self.page(response.headers["Location"])
        self.assertIn("took this name", page.text_content())
        self.assertEqual(base.environment_id, self.environment)

    def test_old_attempts_are_dropped(self):
        attempts = self.env["clouder.order.attempt"]
        attempts.allow("order", "someone", 5)
        attempts.search([]).at = "2026-01-01"
        attempts._gc_attempts()
        self.assertFalse(attempts.search([]))
