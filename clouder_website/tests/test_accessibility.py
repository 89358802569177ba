"""The pages as axe-core sees them: nothing that keeps somebody out."""

import importlib.util
import pathlib
from concurrent.futures import Future
from unittest import mock

from odoo import fields
from odoo.tests import common, tagged

from .common import WebsiteCase
from .portal_case import URL, PortalCase

LOADED = "document.readyState === 'complete'"
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 3, "mobile": True}
# Given axe-core, and what is done on the page first; what is found is the error shown.
CHECK = """
(async () => {
    %s
    const found = await axe.run(document, {resultTypes: ["violations"]});
    const serious = found.violations.filter((one) =>
        ["serious", "critical"].includes(one.impact)
    );
    if (serious.length) {
        throw new Error(serious.map((one) =>
            `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`
        ).join("\\n"));
    }
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""
# The name is refused while it is typed.
WRONG_NAME = """
    const field = document.querySelector("form.o_clouder_order input[name=name]");
    field.value = "-no name-";
    field.dispatchEvent(new Event("input", {bubbles: true}));
    while (!document.querySelector("form.o_clouder_order .is-invalid")) {
        await new Promise((done) => setTimeout(done, 50));
    }
"""
# The form of the building block has come.
BLOCK = """
    while (!document.querySelector(".s_clouder_order form.o_clouder_order")) {
        await new Promise((done) => setTimeout(done, 50));
    }
"""


def axe():
    """Return the source of axe-core, which its Python package brings along."""
    package = importlib.util.find_spec("axe_playwright_python")
    if package is None:
        raise AssertionError(
            "axe-core is missing: pip install --no-deps -r requirements-dev.txt"
        )
    return pathlib.Path(package.origin).with_name("axe.min.js").read_text()


def become_phone(browser, url):
    """Load ``url`` once more, on a screen of a phone."""
    browser._result = Future()
    browser._websocket_request("Emulation.setDeviceMetricsOverride", params=PHONE)
    browser._websocket_request(
        "Emulation.setTouchEmulationEnabled", params={"enabled": True}
    )
    browser.navigate_to(url, wait_stop=True)
    if not browser._wait_ready(LOADED):
        raise AssertionError(f"{url} is not loaded on a phone")


class Pages:
    """Looks at a page on a desktop and on a phone, in one browser."""

    browser_size = "1366x768"

    def look(self, path, login=None, first=""):
        """Open ``path`` as ``login``, do what ``first`` says there, and look at it."""
        code = f"{axe()}\n{CHECK.replace('%s', first)}"
        on_desktop = common.ChromeBrowser._wait_code_ok

        def on_both(browser, code, *args, **kwargs):
            on_desktop(browser, code, *args, **kwargs)
            become_phone(browser, self.base_url() + path)
            on_desktop(browser, code, *args, **kwargs)

        with (
            self.subTest(path=path),
            mock.patch.object(common.ChromeBrowser, "_wait_code_ok", on_both),
        ):
            self.browser_js(path, code, LOADED, login=login)


@tagged("post_install", "-at_install")
class TestOrderAccessibility(Pages, WebsiteCase):
    def test_pages_of_an_order(self):
        self.send()
        confirm = self.confirm_path()
        for path in ("/instances", "/instances/shop", "/instances/embed/shop", confirm):
            self.look(path)

    def test_a_form_that_is_wrong(self):
        self.look("/instances/shop", first=WRONG_NAME)

    def test_progress_and_outcome(self):
        order, progress = self.order_and_confirm()
        self.look(progress)
        self.run_job(order.base_id.active_job_id, broken="base_create_database")
        self.look(progress)

    def test_the_way_of_a_link(self):
        """The mail is on its way, the link was used, too old, or of a former order."""
        self.look("/instances/sent")
        self.order_and_confirm()
        self.look(self.confirm_path())
        self.send(name="late", email="late@customer.test")
        self.last_order().token_expires = "2026-01-01"
        self.look(self.confirm_path("late@customer.test"))
        for email in ("jnae@customer.test", "jane@customer.test"):
            self.send(name="again", email=email)
        self.look(self.confirm_path("jnae@customer.test"))

    def test_an_instance_that_is_ready(self):
        order, progress = self.order_and_confirm()
        self.run_job(order.base_id.active_job_id)
        self.assertEqual(self.last_order().state, "running")
        self.look(progress)

    def test_an_order_that_cannot_be_had(self):
        self.app_shop.web_max_per_customer = 1
        self.order_and_confirm()
        order, progress = self.order_and_confirm(name="second")
        self.assertEqual(order.state, "cancelled")
        self.look(progress)

    def test_a_page_with_the_building_block(self):
        block = self.env["ir.qweb"]._render("clouder_website.s_clouder_order")
        chosen = str(block).replace('data-code=""', 'data-code="shop"')
        self.assertIn('data-code="shop"', chosen)
        view = self.env["ir.ui.view"].create(
            {
                "name": "A page with the form",
                "type": "qweb",
                "key": "clouder_website.page_with_the_form",
                "arch": f'<t t-name="clouder_website.page_with_the_form">'
                f'<t t-call="website.layout"><div id="wrap">{chosen}</div></t></t>',
            }
        )
        self.env["website.page"].create(
            {"view_id": view.id, "url": "/our-shop", "is_published": True}
        )
        self.look("/our-shop", first=BLOCK)


@tagged("post_install", "-at_install")
class TestPortalAccessibility(Pages, PortalCase):
    def test_pages_of_an_instance(self):
        self._job(self.mine)
        for path in ("/my", URL, f"{URL}/{self.mine.id}"):
            self.look(path, login="anna")

    def test_pages_of_an_instance_that_rests(self):
        """Suspended, and waiting for its deletion."""
        soon = fields.Date.add(fields.Date.today(), days=5)
        for values in (
            {"suspend_reason": "trial"},
            {"suspend_reason": "deletion", "delete_on": soon},
        ):
            self.mine.write({"state": "suspended", "wanted": "suspended", **values})
            with self.subTest(**values):
                for path in (URL, f"{URL}/{self.mine.id}"):
                    self.look(path, login="anna")
