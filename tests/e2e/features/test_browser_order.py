"""A customer in a real browser: from the catalogue into the instance that he ordered."""

import os
import secrets

import pytest

from ..chromium import DESKTOP, PHONE, Chromium
from ..visitor import customer, offered
from ..walk import (
    DEADLINE_S,
    FORM,
    NAME,
    ORDER,
    PROGRESS,
    Album,
    enter,
    fill_in,
    follow,
)

SUGGESTED = ()
FAILED = f"{PROGRESS}[data-state=failed] .o_clouder_when_failed"
HINT = f"{FORM} .o_clouder_name_message"
NO_MODULE = "no_such_module_here"
# How often the page asked whether a name is free.
ASKED = """
performance.getEntriesByType("resource").filter(
    (one) => one.name.endsWith("/instances/check")).length
""".strip()
# From now on each look fails as ``kind`` says. The long pauses are noted, and pass at
# once; but the one after ``last`` others does not pass at all.
FAILING = """
(() => {{
    const network = odoo.loader.modules.get("@web/core/network/rpc");
    const wait = window.setTimeout;
    window.pauses = [];
    network.rpc._rpc = () => Promise.reject(new network.{kind}());
    window.setTimeout = (call, pause, ...rest) => {{
        if (pause < 3000 || !String(call).includes("isDestroyed")) {{
            return wait(call, pause, ...rest);
        }}
        return pauses.push(pause) > {last} ? 0 : wait(call, 0, ...rest);
    }};
}})()
"""


@pytest.fixture(scope="module")
def on_the_website(infra):
    application = infra.api.find("clouder.application", ("code", "=", "odoo"))
    with offered(infra, application, infra.odoo):
        yield


@pytest.fixture
def modules_to_choose(infra, on_the_website):
    """Have visitors write which modules they want: also one that does not exist."""
    api = infra.api
    application = api.find("clouder.application", ("code", "=", "odoo"))
    option = api.find(
        "clouder.application.type.option",
        ("type_id", "=", api.read("clouder.application", application, "type_id")[0]),
        ("name", "=", "install_modules"),
    )
    values = {"web_option_ids": [(6, 0, [option])]}
    api("clouder.application", "write", [application], values)
    yield
    values = {"web_option_ids": [(5, 0, 0)]}
    api("clouder.application", "write", [application], values)


@pytest.fixture
def browser(infra):
    """A browser in which a customer is logged in."""
    url, visitor = os.environ["CLOUDER_E2E_URL"], customer(infra.api)
    with Chromium() as window:
        for name, value in visitor.cookies.items():
            window.call("Network.setCookie", name=name, value=value, url=url)
        yield window


def test_a_look_without_an_answer_is_made_again(browser, on_the_website):
    """As when a train comes out of a tunnel: nobody has to type the name anew."""
    browser.open(f"{os.environ['CLOUDER_E2E_URL']}/instances/odoo")
    browser.write(NAME, "-no name-")
    browser.see(f"{NAME}.is-invalid", DEADLINE_S)
    with browser.offline():
        browser.run("performance.clearResourceTimings()")
        browser.write(NAME, f"seen-{secrets.token_hex(3)}")
        browser.await_true(f"{ASKED} === 1")
        browser.see(f"{FORM}[data-name-state='']")
        browser.await_true(f"{ASKED} > 1")
    browser.see(f"{NAME}.is-valid")


def failing(browser, kind, last=0):
    """Open the form; have the looks of the page fail, and make the first of them."""
    browser.open(f"{os.environ['CLOUDER_E2E_URL']}/instances/odoo")
    browser.write(NAME, "-no name-")
    browser.see(f"{NAME}.is-invalid", DEADLINE_S)
    browser.run(FAILING.format(kind=kind, last=last))
    browser.write(NAME, f"seen-{secrets.token_hex(3)}")
    browser.see(f"{FORM}[data-name-state='']")


def test_the_looks_without_an_answer_become_rare(browser, on_the_website):
    """A server that is away for long is not asked by each visitor every few seconds."""
    failing(browser, "ConnectionLostError", last=6)
    browser.await_true("pauses.length === 7")
    seconds = [pause // 1000 for pause in browser.run("pauses")]
    assert seconds == [3, 6, 12, 24, 48, 60, 60]
    browser.write(NAME, f"seen-{secrets.token_hex(3)}")
    browser.await_true("pauses.length === 8")
    assert browser.run("pauses.at(-1)") == 3000, "who types is answered soon"


def test_a_look_that_the_server_refused_is_not_made_again(browser, on_the_website):
    failing(browser, "RPCError")
    assert browser.run("pauses") == []
    assert browser.run(f"document.querySelector('{HINT}').textContent.trim()")


def test_from_the_catalogue_into_the_backend(infra, browser, on_the_website):
    url, name = os.environ["CLOUDER_E2E_URL"], f"seen-{secrets.token_hex(3)}"
    album = Album(browser, "customer", DESKTOP)
    browser.open(f"{url}/instances")
    album.take("catalogue")
    browser.press("a[href='/instances/odoo']")
    browser.see(f"{FORM} .o_clouder_customer")
    fill_in(infra, album, name, title="Seen & used")
    follow(infra, album, ORDER)
    enter(infra, album, name)

    base = infra.api.find("clouder.base", ("name", "=", name))
    browser.open(f"{url}/my/instances")
    browser.see(f".o_clouder_instance a[href='/my/instances/{base}']")
    album.take("portal", DESKTOP, PHONE)
    browser.press(f".o_clouder_instance a[href='/my/instances/{base}']")
    browser.see("#clouder_instance_main")
    album.take("portal-instance", DESKTOP, PHONE)


def test_a_failure_is_told(infra, browser, modules_to_choose):
    """In one sentence, without what is only the operator's to know."""
    url, name = os.environ["CLOUDER_E2E_URL"], f"fails-{secrets.token_hex(3)}"
    album = Album(browser, "failure", DESKTOP)
    browser.open(f"{url}/instances/odoo")
    browser.write(NAME, name)
    browser.see(f"{NAME}.is-valid", DEADLINE_S)
    browser.write(f"{FORM} input[name=option_install_modules]", NO_MODULE)
    browser.press(ORDER)
    browser.see(f"{FAILED} button", DEADLINE_S)
    album.take("failed", DESKTOP, PHONE)
    assert NO_MODULE not in browser.run("document.body.innerText")
    sentence = f"document.querySelector('{FAILED} .o_clouder_error').textContent"
    assert browser.run(sentence).startswith("It stopped at: ")
    base = infra.api.find("clouder.base", ("name", "=", name))
    status = infra.api.follow(infra.api("clouder.base", "purge", [base]))
    assert status["state"] == "done", infra.api.story(status)
