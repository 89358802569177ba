"""A stranger orders on the website: the mail comes through Postfix, the instance is his."""

import email
import email.policy
import re
import secrets

import dkim
import pytest
from clouder_lib.wait import wait_for

from ..conftest import DOMAIN
from ..post import around, serving
from ..visitor import Visitor, enter, offered

SENDER = "clouder.e2e.test"


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
