"""A customer in a real browser: from the catalogue into the instance that he ordered."""

import os
import secrets

import pytest

from ..chromium import Chromium
from ..conftest import DOMAIN
from ..visitor import customer, offered

SUGGESTED = ()
FORM, PROGRESS = "form.o_clouder_order", ".o_clouder_progress"
DEADLINE_S = 300
# How often the page asked whether a name is free.
ASKED = """
performance.getEntriesByType("resource").filter(
    (one) => one.name.endsWith("/instances/check")).length
""".strip()
# Asks the instance who is logged in.
WHO = """
fetch("/web/session/get_session_info", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: '{"params": {}}',
}).then((reply) => reply.json()).then((answer) => answer.result.username)
"""


@pytest.fixture(scope="module")
def on_the_website(infra):
    application = infra.api.find("clouder.application", ("code", "=", "odoo"))
    with offered(infra, application, infra.odoo):
        yield


@pytest.fixture
def browser(infra):
    """A browser in which a customer is logged in."""
    url, visitor = os.environ["CLOUDER_E2E_URL"], customer(infra.api)
    with Chromium() as window:
        for name, value in visitor.cookies.items():
            window.call("Network.setCookie", name=name, value=value, url=url)
        yield window


def fill_in(browser, name):
    """Fill in the order form, with the look whether the name is free."""
    browser.see(f"{FORM} .o_clouder_customer")
    browser.write(f"{FORM} input[name=name]", "-no name-")
    # The first one who comes waits until the page's scripts are put together.
    browser.see(f"{FORM} input[name=name].is-invalid", DEADLINE_S)
    browser.write(f"{FORM} input[name=name]", name)
    browser.see(f"{FORM} input[name=name].is-valid")
    browser.write(f"{FORM} input[name=title]", "Seen & used")


def test_a_look_without_an_answer_is_made_again(browser, on_the_website):
    """As when a train comes out of a tunnel: nobody has to type the name anew."""
    browser.open(f"{os.environ['CLOUDER_E2E_URL']}/instances/odoo")
    browser.write(f"{FORM} input[name=name]", "-no name-")
    browser.see(f"{FORM} input[name=name].is-invalid", DEADLINE_S)
    with browser.offline():
        browser.run("performance.clearResourceTimings()")
        browser.write(f"{FORM} input[name=name]", f"seen-{secrets.token_hex(3)}")
        browser.await_true(f"{ASKED} === 1")
        browser.see(f"{FORM}[data-name-state='']")
        browser.await_true(f"{ASKED} > 1")
    browser.see(f"{FORM} input[name=name].is-valid")


def test_from_the_catalogue_into_the_backend(infra, browser, on_the_website):
    name = f"seen-{secrets.token_hex(3)}"
    browser.open(f"{os.environ['CLOUDER_E2E_URL']}/instances")
    browser.press("a[href='/instances/odoo']")
    fill_in(browser, name)
    browser.press(f"{FORM} button[type=submit]")
    browser.see(f"{PROGRESS} .o_clouder_step")
    browser.see(f"{PROGRESS}[data-state=running] .o_clouder_enter button", DEADLINE_S)
    undone = f"{PROGRESS} .o_clouder_step:not([data-state=done])"
    assert browser.run(f"document.querySelectorAll({undone!r}).length") == 0
    browser.press(f"{PROGRESS} .o_clouder_enter button")
    browser.await_true(f"location.hostname === '{name}.{DOMAIN}'")
    # The first one who comes waits until the backend's scripts are put together.
    browser.see(".o_web_client .o_main_navbar", DEADLINE_S)
    base = infra.api.find("clouder.base", ("name", "=", name))
    account = infra.api.read("clouder.base", base, "poweruser_name")
    assert browser.run(WHO) == account
    assert "#" not in browser.run("location.href"), "the way in stays in no address"
