"""The way of an order in a real browser: its steps, and pictures of what is seen there."""

import contextlib
import itertools
import os
import pathlib
import secrets

from .conftest import DOMAIN
from .faults import held

FORM, PROGRESS = "form.o_clouder_order", ".o_clouder_progress"
NAME = f"{FORM} input[name=name]"
ORDER = f"{FORM} button[type=submit]"
ENTER = f"{PROGRESS} .o_clouder_enter button"
DEADLINE_S = 300
# All of the page is there, its scripts and what they wait for, in the window's width.
READY = """
document.readyState === "complete"
    && !document.body.classList.contains("o_lazy_js_waiting")
    && [innerWidth, document.documentElement.clientWidth].includes({width})
""".strip()
# The page itself does not scroll on Odoo's website: a box that holds all of it does.
WIDTH = """
Math.max(...[...document.querySelectorAll("html, #wrapwrap")].map(
    (one) => one.scrollWidth))
""".strip()
# Asks the instance who is logged in.
WHO = """
fetch("/web/session/get_session_info", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: '{"params": {}}',
}).then((reply) => reply.json()).then((answer) => answer.result.username)
"""


class Album:
    """Pictures of the pages that somebody comes through; none is wider than its screen.

    :param who: comes there; begins the names of the files
    :param screen: on which he goes on after each picture
    """

    def __init__(self, browser, who, screen):
        self.browser, self.who, self.screen = browser, who, screen
        self.folder = pathlib.Path(os.environ["CLOUDER_E2E_PICTURES"])
        self.folder.mkdir(parents=True, exist_ok=True)
        self.numbers = itertools.count(1)
        browser.show_on(screen)

    def take(self, page, *screens, ours=True):
        """Keep pictures of the present page, on his own screen or on those given.

        :param ours: whether it is a page of Clouder's website, which fits every screen
        """
        number = next(self.numbers)
        for screen in screens or (self.screen,):
            self.browser.show_on(screen)
            self.browser.await_true(READY.format(width=screen.width), DEADLINE_S)
            if ours:
                width = self.browser.run(WIDTH)
                assert width <= screen.width, f"{page} scrolls sideways: {width}"
            file = f"{self.who}-{number:02}-{page}-{screen.name}.png"
            self.browser.picture(self.folder / file)
            size = (self.folder / file).stat().st_size
            assert size > screen.least, f"{file} shows nothing: {size} bytes"
        self.browser.show_on(self.screen)


@contextlib.contextmanager
def name_of_another(infra):
    """Give a name that somebody else has, until the block ends."""
    name = f"taken-{secrets.token_hex(3)}"
    values = infra.base_values(name)
    base = infra.api.create("clouder.base", values, clouder_no_deploy=True)
    try:
        yield name
    finally:
        infra.api("clouder.base", "unlink", [base])


def fill_in(infra, album, name, **typed):
    """Fill in the order form; only the third name that is tried can be had."""
    browser = album.browser
    browser.write(NAME, "-no name-")
    # The first one who comes waits until the page's scripts are put together.
    browser.see(f"{NAME}.is-invalid", DEADLINE_S)
    with name_of_another(infra) as taken:
        browser.write(NAME, taken)
        browser.see(f"{FORM}[data-name-state=taken] input[name=name].is-invalid")
        album.take("name-taken")
    browser.write(NAME, name)
    browser.see(f"{NAME}.is-valid")
    for field, text in typed.items():
        browser.write(f"{FORM} input[name={field}]", text)
    album.take("filled-in")


def follow(infra, album, button):
    """Press what has the instance made, and follow its page to the end.

    The job is held in the middle: making an instance may be faster than a look at it.
    """
    browser = album.browser
    with held(infra.api, "base_create_database:before"):
        browser.press(button)
        browser.see(f"{PROGRESS}[data-state=deploying] .o_clouder_step")
        album.take("progress")
        browser.run("window.followed = true")
    browser.see(f"{PROGRESS}[data-state=running] .o_clouder_enter button", DEADLINE_S)
    assert browser.run("window.followed"), "the page goes on without being loaded anew"
    undone = f"{PROGRESS} .o_clouder_step:not([data-state=done])"
    assert browser.run(f"document.querySelectorAll({undone!r}).length") == 0
    album.take("running")


def enter(infra, album, name):
    """Press the button of the one-time way in; see who one is behind it."""
    browser = album.browser
    browser.press(ENTER)
    browser.await_true(f"location.hostname === '{name}.{DOMAIN}'")
    # The first one who comes waits until the backend's scripts are put together.
    browser.see(".o_web_client .o_main_navbar", DEADLINE_S)
    base = infra.api.find("clouder.base", ("name", "=", name))
    account = infra.api.read("clouder.base", base, "poweruser_name")
    assert browser.run(WHO) == account
    assert "#" not in browser.run("location.href"), "the way in stays in no address"
    browser.see(".o_action_manager > *")
    album.take("inside", ours=False)
