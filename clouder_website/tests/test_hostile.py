from odoo.exceptions import UserError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.clouder.tests.common import HOSTILE

from .common import VISITOR, WebsiteCase

MORE = (
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%0a",
    "--option=x",
    "${IFS}",
    "../../etc/passwd",
    "a\r\nBcc: victim@other.test",
    "\u202egnp.exe",
    "a\u2028b",
    "' OR 1=1 --",
    "a.b",
)


@tagged("post_install", "-at_install")
class TestHostile(WebsiteCase):
    """Everything a visitor types is hostile until shown otherwise."""

    def setUp(self):
        super().setUp()
        for name in ("per_address", "per_email"):
            self.env["ir.config_parameter"].set_param(f"clouder.order_{name}", 0)

    def refused(self, **typed):
        response = self.send(**typed)
        self.assertEqual(response.status_code, 200, typed)
        self.assertFalse(self.orders.search([]), typed)
        return response

    def test_names(self):
        for name in (*HOSTILE, *MORE):
            # Blanks around a name, and capitals, are no harm: they are taken away.
            if name.strip().lower() in ("a", "upper"):
                continue
            with self.subTest(name=name):
                self.refused(name=name)

    def test_texts_of_several_lines(self):
        for text in ("a\nb", "a\r\nBcc: victim@other.test", "a\u2028b", "a\0b"):
            with self.subTest(text=text):
                self.refused(title=text)
        self.refused(title="a" * 201)
        self.refused(contact_name="a" * 121)
        self.refused(contact_name=" ")

    def test_names_of_people_with_an_address_in_them(self):
        for text in ("win at http://evil.example", "evil.example", "a/b", "j@evil"):
            with self.subTest(text=text):
                self.refused(contact_name=text)
        self.send(contact_name="J.R.R. Tolkien")
        self.assertEqual(self.last_order().contact_name, "J.R.R. Tolkien")

    def test_a_code_with_a_null_is_not_found(self):
        for path in ("/instances/%00", "/instances/a%00b/picture"):
            self.page(path, status=404)
        for path in ("/instances/form/%00", "/instances/embed/%00"):
            self.page(path, status=404)
        self.assertEqual(self.send(code="\0").status_code, 404)
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request("/instances/check", {"code": "\0", "name": "a"})

    def test_a_file_is_no_text(self):
        token = self.token(self.page("/instances/shop"))
        values = {**VISITOR, "code": "shop", "csrf_token": token}
        for name in ("name", "title", "lang", "contact_name", "email", "option_plan"):
            data = {key: text for key, text in values.items() if key != name}
            response = self.url_open(
                "/instances/order",
                data=data,
                files={name: ("a.txt", b"acme")},
                allow_redirects=False,
            )
            with self.subTest(name=name):
                self.assertIn(response.status_code, (200, 303))
        values.pop("code")
        response = self.url_open(
            "/instances/order", data=values, files={"code": ("a.txt", b"shop")}
        )
        self.assertEqual(response.status_code, 404)

    def test_numbers_that_no_database_holds(self):
        for path in (
            "/instances/progress/99999999999999999999/x",
            "/instances/progress/0/x",
        ):
            self.page(path, status=404)

    def test_a_script_is_told_what_is_no_text(self):
        known = {**VISITOR, "application": "shop"}
        admin = self.env.ref("base.user_admin")
        for values in (
            None,
            [],
            "shop",
            {**known, "name": 5},
            {**known, "email": ["jane@customer.test"]},
            {**known, "title": "a\0b"},
            {**known, "lang": {}},
            {**known, "application": ["shop"]},
            {**known, "options": "plan"},
            {**known, "options": {"plan": ["x"]}},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.orders.with_user(admin).order(values)
        self.assertFalse(self.orders.search([]))

    def test_addresses(self):
        for email in (
            "",
            "jane",
            "jane@",
            "jane@customer.test, victim@other.test",
            "jane@customer.test\nBcc: victim@other.test",
            "<jane@customer.test>",
            '"a b"@customer.test',
            "a" * 60 + "@customer.test",
        ):
            with self.subTest(email=email):
                self.refused(email=email)

    def test_choices_that_are_not_offered(self):
        for lang in ("", "xx_XX", "../../x", "fr_FR;id"):
            self.refused(lang=lang)
        other = self.env["clouder.domain"].create(
            {"name": "private.test", "organisation": "x"}
        )
        for domain in (other.id, 999999, "x", "", "1 OR 1=1"):
            with self.subTest(domain=domain):
                if domain != "":
                    self.refused(domain=str(domain))

    def test_options_are_those_of_the_catalogue_and_of_one_line(self):
        plan = self.type_shop.option_ids.filtered(lambda one: one.name == "plan")
        self.send(option_plan="root", option_token="x", option_workers="99")
        self.assertFalse(self.last_order().options)
        self.last_order().unlink()
        self.app_shop.web_option_ids = plan
        for value in ("a\nb", "a\0b", "x" * 201):
            with self.subTest(value=value):
                self.refused(option_plan=value)
        order, _progress = self.order_and_confirm(option_plan="$(id)")
        self.assertEqual(order.base_id._option("plan"), "$(id)")

    def test_what_was_typed_is_shown_as_text(self):
        markup = "<img src=x onerror=alert(1)>{{7919*7907}}"
        response = self.refused(name="-", title=markup, contact_name=markup)
        self.assertNotIn("<img src=x", response.text)
        _order, progress = self.order_and_confirm(title=markup, contact_name=markup)
        page = self.url_open(progress).text
        self.assertNotIn("<img src=x", page)
        self.assertIn("{{7919*7907}}", page)
        body = self.mails()[:1].body_html
        self.assertNotIn("<img src=x", body)
        self.assertNotIn(str(7919 * 7907), body)

    def test_parameters_of_the_page_are_shown_as_text(self):
        page = self.url_open(
            '/instances/shop?name="><script>alert(1)</script>&title=%22%3E%3Cb%3E'
        ).text
        self.assertNotIn("<script>alert(1)", page)
        self.assertNotIn('value=""><b>', page)

    def test_what_is_not_in_the_catalogue_is_not_found(self):
        self.app_shop.web_published = False
        for path in ("/instances/shop", "/instances/embed/shop", "/instances/nothing"):
            self.page(path, status=404)
        self.page("/instances/shop/picture", status=404)
        response = self.send(url="/web/login")
        self.assertEqual(response.status_code, 404)

    def test_the_live_look_takes_any_text(self):
        for name in (*HOSTILE, *MORE, None, 5, ["a"]):
            answer = self.make_jsonrpc_request(
                "/instances/check",
                {"code": "shop", "name": name, "domain": str(self.domain.id)},
            )
            self.assertIn(answer["state"], ("free", "invalid", "unknown"), name)
