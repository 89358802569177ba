"""A stranger orders on the website: the mail comes through Postfix, the instance is his."""

import email
import email.policy
import os
import re
import secrets

import dkim
import pytest
from clouder_lib.wait import wait_for

from .. import walk
from ..chromium import DESKTOP, PHONE, Chromium
from ..conftest import DOMAIN
from ..post import around, serving
from ..visitor import Visitor, enter, offered

SENDER = "clouder.e2e.test"
CONFIRM = "form.o_clouder_once[action^='/instances/confirm/'] button[type=submit]"
USED = "#wrap a.btn-primary[href='/my/instances']"
AGAIN = "#wrap a.btn-primary[href^='/instances/odoo?name={}&']"


@pytest.fixture(scope="module")
def world(engine, infra):
    with around(engine) as made:
        yield made


@pytest.fixture(scope="module")
def post(infra, engine, world):
    """The mail server through which Clouder itself sends."""
    yield serving(infra, engine, world, public=True, own_domain=SENDER)
    # The rest of the tests has neither this way out nor its world.
    serving(infra, engine, world)


@pytest.fixture(scope="module")
def on_the_website(infra):
    application = infra.api.find("clouder.application", ("code", "=", "odoo"))
    with offered(infra, application, infra.odoo):
        yield


@pytest.fixture
def window():
    """A browser of somebody whom the website does not know."""
    with Chromium() as made:
        yield made


@pytest.fixture
def no_time_to_confirm(infra):
    """Have the links of mails be too old as soon as they are sent."""
    hours = "clouder.order_confirm_hours"
    infra.api("ir.config_parameter", "set_param", hours, "0")
    yield
    infra.api("ir.config_parameter", "set_param", hours, False)


def link_in(envelope, path):
    """Return the path of the link in a mail that begins with ``path``."""
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    text = message.get_body(("html", "plain")).get_content()
    return re.search(rf"{path}/[A-Za-z0-9_/-]+", text)[0]


def test_from_the_catalogue_to_the_instance(infra, post, on_the_website, world):
    name = f"order-{secrets.token_hex(3)}"
    address = f"jane-{secrets.token_hex(3)}@customer.example"
    visitor = Visitor()
    assert visitor.page("/instances").xpath("//a[@href='/instances/odoo']")
    visitor.order(
        "odoo",
        name=name,
        title="Jane & Sons",
        domain=str(infra.domain),
        lang="en_US",
        contact_name="Jane Doe",
        email=address,
    )
    envelope = world.message_to(address)
    assert envelope.mail_from.endswith(f"@{SENDER}")
    assert signed_by(envelope) == SENDER.encode()
    order = infra.api.find("clouder.order", ("email", "=", address))
    assert not infra.api.read("clouder.order", order, "base_id"), "before the click"

    confirm = link_in(envelope, "/instances/confirm")
    [form] = visitor.page(confirm).xpath(f"//form[contains(@action, '{confirm}')]")
    entrance = visitor.way_in(visitor.send(confirm, form))
    host = f"{name}.{DOMAIN}"
    browser, status = enter(entrance)
    assert (browser.host, status) == (host, 303)
    assert browser.request("/odoo")[0] == 200
    assert enter(entrance)[1] == 403, "the way in works once"
    ready(world, address, host)


def test_on_a_phone(infra, post, on_the_website, world, window):
    """The same way in a real browser: what is pressed is seen, and leads on."""
    url, name = os.environ["CLOUDER_E2E_URL"], f"phone-{secrets.token_hex(3)}"
    address = f"jane-{secrets.token_hex(3)}@customer.example"
    album = walk.Album(window, "stranger", PHONE)
    window.open(f"{url}/instances")
    album.take("catalogue")
    window.press("a[href='/instances/odoo']")
    typed = {"title": "Jane & Sons", "contact_name": "Jane Doe", "email": address}
    walk.fill_in(infra, album, name, **typed)
    window.press(walk.ORDER)
    window.await_true("location.pathname === '/instances/sent'")
    window.see("#wrap .o_clouder_icon")
    album.take("look-into-your-mail")
    assert not infra.api.find("res.users", ("login", "=", address)), "before the click"

    confirm = url + link_in(world.message_to(address), "/instances/confirm")
    window.open(confirm)
    window.see(CONFIRM)
    album.take("confirm", PHONE, DESKTOP)
    walk.follow(infra, album, CONFIRM)
    assert infra.api.find("res.users", ("login", "=", address)), "he has an account"
    walk.enter(infra, album, name)

    window.open(confirm)
    window.see(USED)
    album.take("used-link", PHONE, DESKTOP)


def test_a_link_that_is_too_old(
    infra, post, on_the_website, world, window, no_time_to_confirm
):
    """Who ordered has the name again with one press, when nobody else took it."""
    name = f"late-{secrets.token_hex(3)}"
    address = f"jane-{secrets.token_hex(3)}@customer.example"
    typed = {"contact_name": "Jane Doe", "email": address, "lang": "en_US"}
    Visitor().order("odoo", name=name, domain=str(infra.domain), **typed)
    confirm = link_in(world.message_to(address), "/instances/confirm")
    album = walk.Album(window, "late", PHONE)
    window.open(os.environ["CLOUDER_E2E_URL"] + confirm)
    window.see(AGAIN.format(name))
    album.take("old-link", PHONE, DESKTOP)
    window.press(AGAIN.format(name))
    window.see(f"{walk.FORM}[data-name-state=free] input.is-valid", walk.DEADLINE_S)
    assert window.run(f"document.querySelector('{walk.NAME}').value") == name


def signed_by(envelope):
    """Return the domain that says to have signed a message."""
    fields = dict(dkim.rfc822_parse(envelope.content)[0])
    signature = next(v for k, v in fields.items() if k.lower() == b"dkim-signature")
    return dkim.util.parse_tag_value(signature)[b"d"]


def ready(world, address, host):
    """See that a second mail says that the instance is there."""

    def look():
        with world.arrived:
            mine = [one for one in world.received if address in one.rcpt_tos]
        subjects = [email.message_from_bytes(one.content)["Subject"] for one in mine]
        return f"{host} is ready" in subjects, str(subjects)

    wait_for("the mail that it is ready", look, 120)
