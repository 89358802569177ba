"""A stranger orders on the website: the mail comes through Postfix, the instance is his."""

import email
import email.policy
import os
import re
import secrets
import urllib.parse

import dkim
import pytest
from clouder_lib.wait import wait_for
from lxml import html

from ..client import Browser
from ..conftest import DOMAIN
from ..post import around, serving

SENDER = "clouder.e2e.test"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DEADLINE_S = 300


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
def offered(infra):
    """Put Odoo on the website; it goes at the end."""
    api = infra.api
    application = api.find("clouder.application", ("code", "=", "odoo"))
    api("clouder.domain", "write", [infra.domain], {"public": True})
    values = {
        "web_published": True,
        "web_create_type": "base",
        "web_domain_ids": [(6, 0, [infra.domain])],
        "next_service_id": infra.odoo,
    }
    api("clouder.application", "write", [application], values)
    yield application
    values = {"web_published": False, "next_service_id": False}
    api("clouder.application", "write", [application], values)
    api("clouder.domain", "write", [infra.domain], {"public": False})


class Visitor(Browser):
    """Somebody in front of Clouder's own website."""

    def __init__(self):
        where = urllib.parse.urlsplit(os.environ["CLOUDER_E2E_URL"])
        super().__init__(where.hostname, where.port)

    def page(self, path):
        """Return the parsed page at ``path``."""
        status, _headers, text = self.request(path)
        assert status == 200, f"{path}: {status} {text[:1000]}"
        return html.fromstring(text)

    def send(self, path, form, **typed):
        """Send a form of a page, with what is typed; return where it leads."""
        values = {
            field.get("name"): field.get("value") or ""
            for field in form.xpath(".//input[@name][not(@type='checkbox')]")
        }
        body = urllib.parse.urlencode({**values, **typed})
        status, headers, text = self.request(path, body, FORM)
        assert status == 303, f"{path}: {status} {text[:2000]}"
        return urllib.parse.urlsplit(headers["Location"]).path


def link_in(envelope, path):
    """Return the path of the link in a mail that begins with ``path``."""
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    text = message.get_body(("html", "plain")).get_content()
    return re.search(rf"{path}/[A-Za-z0-9_/-]+", text)[0]


def test_from_the_catalogue_to_the_instance(infra, post, offered, world):
    name = f"order-{secrets.token_hex(3)}"
    address = f"jane-{secrets.token_hex(3)}@customer.example"
    visitor = Visitor()
    assert visitor.page("/instances").xpath("//a[@href='/instances/odoo']")
    [form] = visitor.page("/instances/odoo").xpath("//form[@action='/instances/order']")
    visitor.send(
        "/instances/order",
        form,
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
    progress = visitor.send(confirm, form)
    entrance = way_in(visitor, progress)
    host = f"{name}.{DOMAIN}"
    assert urllib.parse.urlsplit(entrance).hostname == host
    ready(world, address, host)
    assert lets_in(host, entrance)
    assert not lets_in(host, entrance), "the way in works once"


def signed_by(envelope):
    """Return the domain that says to have signed a message."""
    fields = dict(dkim.rfc822_parse(envelope.content)[0])
    signature = next(v for k, v in fields.items() if k.lower() == b"dkim-signature")
    return dkim.util.parse_tag_value(signature)[b"d"]


def way_in(visitor, progress):
    """Wait on the progress page until the instance runs; return its one-time way in."""
    pages = []

    def look():
        pages.append(visitor.page(progress))
        state = pages[-1].xpath(
            "string(//*[contains(@class, 'o_clouder_progress')]/@data-state)"
        )
        assert state in ("deploying", "running"), state
        return state == "running", state

    wait_for("the instance", look, DEADLINE_S)
    token = pages[-1].xpath("string(//form//input[@name='csrf_token']/@value)")
    body = urllib.parse.urlencode({"csrf_token": token})
    status, headers, text = visitor.request(f"{progress}/enter", body, FORM)
    assert status == 303, f"{status}: {text[:1000]}"
    return headers["Location"]


def ready(world, address, host):
    """See that a second mail says that the instance is there."""

    def look():
        with world.arrived:
            mine = [one for one in world.received if address in one.rcpt_tos]
        subjects = [email.message_from_bytes(one.content)["Subject"] for one in mine]
        return f"{host} is ready" in subjects, str(subjects)

    wait_for("the mail that it is ready", look, 120)


def lets_in(host, entrance):
    """Tell whether the one-time way in opens a session in the instance."""
    browser = Browser(host)
    parts = urllib.parse.urlsplit(entrance)
    browser.request(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    status, _headers, _text = browser.request("/odoo")
    return status == 200
