from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..lib.tokens import digest
from .common import WebsiteCase


@tagged("post_install", "-at_install")
class TestConfirm(WebsiteCase):
    """The link of the mail: once, in time, and only by a press on the button."""

    def test_opening_the_link_confirms_nothing(self):
        self.send()
        path = self.confirm_path()
        for _time in range(3):
            page = self.page(path)
        self.assertIn("acme.example.test", page.text_content())
        self.assertEqual(self.last_order().state, "new")

    def test_the_database_holds_a_digest_of_the_token(self):
        self.send()
        token = self.confirm_path().rpartition("/")[2]
        order = self.last_order()
        self.assertEqual(order.token_digest, digest(token))
        self.assertGreaterEqual(len(token), 43)
        self.assertNotIn(token, str(order.sudo().read()))

    def test_a_used_link_works_no_more(self):
        self.order_and_confirm()
        path = self.confirm_path()
        self.opener.cookies.clear()
        page = self.page(path, status=410)
        self.assertIn("used already", page.text_content())
        token = self.token(self.page("/instances/shop"))
        response = self.url_open(
            path, data={"csrf_token": token}, allow_redirects=False
        )
        self.assertEqual(response.status_code, 410)
        self.assertNotIn("/instances/progress/", response.text)
        self.assertEqual(
            self.env["clouder.base"].search_count([("name", "=", "acme")]), 1
        )

    def test_a_second_click_of_the_same_browser_finds_the_progress(self):
        _order, progress = self.order_and_confirm()
        token = self.token(self.page("/instances/shop"))
        response = self.url_open(
            self.confirm_path(), data={"csrf_token": token}, allow_redirects=False
        )
        self.assertEqual(response.headers["Location"], progress)

    def test_an_expired_link_gives_the_name_back(self):
        self.send()
        path = self.confirm_path()
        self.last_order().token_expires = fields.Datetime.subtract(
            fields.Datetime.now(), minutes=1
        )
        self.env.flush_all()
        self.assertIn("too old", self.page(path, status=410).text_content())
        self.assertEqual(self.send(email="other@customer.test").status_code, 303)
        first = self.orders.search([("email", "=", "jane@customer.test")])
        self.assertEqual(first.state, "expired")
        token = self.token(self.page("/instances/shop"))
        response = self.url_open(path, data={"csrf_token": token})
        self.assertEqual(response.status_code, 410)
        self.assertFalse(self.env["clouder.base"].search([("name", "=", "acme")]))

    def test_what_is_no_token_is_not_found(self):
        for token in ("x", "a" * 43, "%00", "'--"):
            with self.subTest(token=token):
                response = self.url_open(f"/instances/confirm/{token}")
                self.assertEqual(response.status_code, 404)

    def test_posting_needs_the_csrf_token(self):
        self.send()
        path = self.confirm_path()
        for url in (path, "/instances/order"):
            with mute_logger("odoo.http"):
                response = self.url_open(url, data={"code": "shop"})
            self.assertEqual(response.status_code, 400, url)
        self.assertEqual(self.last_order().state, "new")

    def test_the_cron_expires_what_nobody_confirmed(self):
        self.send()
        order = self.last_order()
        order.token_expires = "2026-01-01"
        crons = type(self.env["ir.cron"])
        self.patch(crons, "_commit_progress", lambda *_args, **_named: 1)
        self.orders._cron_expire()
        self.assertEqual(order.state, "expired")

    def test_pages_with_a_token_are_kept_nowhere(self):
        self.send()
        paths = [self.confirm_path()]
        paths.append(self.click(paths[0]).headers["Location"])
        for path in paths:
            response = self.url_open(path)
            self.assertEqual(response.headers["Cache-Control"], "no-store")
            self.assertEqual(response.headers["Referrer-Policy"], "same-origin")
            policy = response.headers["Content-Security-Policy"]
            self.assertEqual(policy, "frame-ancestors 'self'")

    def test_mails_speak_the_visitors_language(self):
        languages = self.env["res.lang"]
        for code in ("fr_FR", "de_DE"):
            languages._activate_lang(code)
        self.env["ir.module.module"].search(
            [("name", "in", ("clouder", "clouder_website"))]
        )._update_translations(["fr_FR"])
        order = self.orders._place(
            self.app_shop.sudo(),
            {
                "name": "acme",
                "lang": "de_DE",
                "contact_name": "Jeanne",
                "email": "jeanne@customer.test",
            },
            visitor_lang="fr_FR",
        )
        order._ask_confirmation()
        mail = self.mails("jeanne@customer.test")
        self.assertEqual(
            mail.subject, "Veuillez confirmer votre commande de acme.example.test"
        )
        self.assertIn("Confirmer ma commande", mail.body_html)
        order.with_context(clouder_no_deploy=False)._accept()
        self.assertEqual(order.user_id.lang, "fr_FR")
        self.assertEqual(order.base_id.lang, "de_DE")
        names = order._progress()["steps"]
        self.assertEqual(names[0]["name"], "Attendre le service")
