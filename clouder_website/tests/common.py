"""An application in the catalogue, and a browser of a visitor."""

import contextlib
import re
from unittest import mock

from lxml import html

from odoo.fields import Command
from odoo.tests import HttpCase

from odoo.addons.clouder.lib.errors import CommandFailed
from odoo.addons.clouder.tests.fake_runner import fake_runner
from odoo.addons.clouder.tests.hosting_case import HostingCase

VISITOR = {
    "name": "acme",
    "title": "Acme",
    "lang": "en_US",
    "contact_name": "Jane Doe",
    "email": "jane@customer.test",
}


class WebsiteCase(HostingCase, HttpCase):
    """The shop of the hosting case, on the website, its service running."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain.public = True
        cls.store = cls._service(cls.app_store, "db")
        cls.shop = cls._service(cls.app_shop, "shop")
        (cls.store | cls.shop | cls.shop.child_ids).sudo().state = "running"
        cls.app_shop.write(
            {
                "next_service_id": cls.shop.id,
                "web_create_type": "base",
                "web_published": True,
                "web_summary": "Sells what you have.",
                "web_domain_ids": [Command.set(cls.domain.ids)],
            }
        )
        cls.orders = cls.env["clouder.order"]

    def setUp(self):
        super().setUp()
        driver = type(self.env["clouder.driver"])
        self.patch(driver, "database_list", lambda _self, _service: set())
        for name in ("database_create", "database_drop"):
            self.patch(driver, name, lambda *_args, **_named: None)
        bases = self.env.registry["clouder.base"]
        self.patch(bases, "_database_owner", lambda _self: "owner")

    def run_job(self, job, broken=None):
        """Run ``job`` at once; the hook ``broken`` of the driver fails in it."""
        driver = type(self.env["clouder.driver"])
        with contextlib.ExitStack() as stack:
            stack.enter_context(fake_runner(self.env))
            if broken:
                refuse = CommandFailed(["secret-argv"], 1, "Traceback: secret-tail")
                stack.enter_context(
                    mock.patch.object(driver, broken, side_effect=refuse)
                )
            with contextlib.suppress(CommandFailed):
                job._perform()
        self.env.invalidate_all()

    def page(self, url, status=200, **kwargs):
        """Open ``url`` and return the parsed page."""
        response = self.url_open(url, **kwargs)
        self.assertEqual(response.status_code, status, response.text[:2000])
        return html.fromstring(response.content)

    def token(self, page):
        """Return the CSRF token of the first form of ``page`` that has one."""
        return page.xpath("//input[@name='csrf_token']/@value")[0]

    def send(self, url="/instances/shop", path="/instances/order", **typed):
        """Fill in the order form and send it; return the response, redirects not followed."""
        page = self.page(url)
        values = {
            **VISITOR,
            "code": "shop",
            "domain": str(self.domain.id),
            "csrf_token": self.token(page),
            **typed,
        }
        return self.url_open(path, data=values, allow_redirects=False)

    def last_order(self):
        """Return the newest order."""
        self.env.invalidate_all()
        return self.orders.search([], limit=1)

    def mails(self, email=VISITOR["email"]):
        """Return the queued mails to ``email``, the newest first."""
        return self.env["mail.mail"].search([("email_to", "=", email)])

    def confirm_path(self, email=VISITOR["email"]):
        """Return the path of the link in the newest mail."""
        body = self.mails(email)[:1].body_html
        return re.search(r"/instances/confirm/[A-Za-z0-9_-]+", body)[0]

    def click(self, path):
        """Open the page of a form that has one button, and press it."""
        token = self.token(self.page(path))
        return self.url_open(path, data={"csrf_token": token}, allow_redirects=False)

    def confirm_as(self, login, **typed):
        """Order as a stranger and confirm as who is logged in then; return the order."""
        self.assertEqual(self.send(email=login, **typed).status_code, 303)
        self.authenticate(login, login)
        self.click(self.confirm_path(login))
        return self.last_order()

    def order_and_confirm(self, **typed):
        """Order as a stranger and confirm; return the order and its progress page."""
        self.assertEqual(self.send(**typed).status_code, 303)
        path = self.confirm_path(typed.get("email", VISITOR["email"]).lower())
        response = self.click(path)
        self.assertEqual(response.status_code, 303, response.text[:2000])
        return self.last_order(), response.headers["Location"]
