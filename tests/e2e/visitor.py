"""Somebody in front of Clouder's own website, who orders there."""

import contextlib
import os
import re
import secrets
import urllib.parse

from clouder_lib.wait import wait_for
from lxml import html

from .client import Browser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DEADLINE_S = 300
PASSWORD = "a-password-of-the-customer"


class Visitor(Browser):
    """A browser at the website of Clouder."""

    def __init__(self):
        where = urllib.parse.urlsplit(os.environ["CLOUDER_E2E_URL"])
        super().__init__(where.hostname, where.port)

    def page(self, path):
        """Return the parsed page at ``path``."""
        status, _headers, text = self.request(path)
        assert status == 200, f"{path}: {status} {text[:1000]}"
        return html.fromstring(text)

    def send(self, path, form, **typed):
        """Send a form of a page, with what is typed; return the path that it leads to."""
        values = {
            field.get("name"): field.get("value") or ""
            for field in form.xpath(".//input[@name][not(@type='checkbox')]")
        }
        body = urllib.parse.urlencode({**values, **typed})
        status, headers, text = self.request(path, body, FORM)
        assert status == 303, f"{path}: {status} {text[:2000]}"
        return urllib.parse.urlsplit(headers["Location"]).path

    def order(self, code, **typed):
        """Fill in the order form of an application; return the path that it leads to."""
        page = self.page(f"/instances/{code}")
        [form] = page.xpath("//form[@action='/instances/order']")
        return self.send("/instances/order", form, **typed)

    def way_in(self, progress, deadline_s=DEADLINE_S):
        """Wait on a progress page until its instance runs; return the one-time way in."""
        pages = []

        def look():
            pages.append(self.page(progress))
            state = pages[-1].xpath(
                "string(//*[contains(@class, 'o_clouder_progress')]/@data-state)"
            )
            assert state in ("deploying", "running"), state
            return state == "running", state

        wait_for("the ordered instance", look, deadline_s)
        token = pages[-1].xpath("string(//form//input[@name='csrf_token']/@value)")
        body = urllib.parse.urlencode({"csrf_token": token})
        status, headers, text = self.request(f"{progress}/enter", body, FORM)
        assert status == 303, f"{status}: {text[:1000]}"
        return headers["Location"]


def enter(url):
    """Take a one-time way in as a browser does.

    :return: the browser, and the status of the answer: 303 when it was let in
    """
    address, _hash, token = url.partition("#")
    browser = Browser(urllib.parse.urlsplit(address).hostname)
    _status, _headers, page = browser.request(urllib.parse.urlsplit(address).path)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    body = urllib.parse.urlencode({"token": token, "csrf_token": csrf})
    status, _headers, _page = browser.request("/clouder/login", body, FORM)
    return browser, status


def customer(api):
    """Return a visitor who is logged in as a new portal user."""
    login = f"customer-{secrets.token_hex(3)}@e2e.example"
    group = api("ir.model.data", "search_read", [
        ["module", "=", "base"], ["name", "=", "group_portal"],
    ], ["res_id"])[0]["res_id"]  # fmt: skip
    api.create(
        "res.users",
        {
            "name": "A customer",
            "login": login,
            "email": login,
            "password": PASSWORD,
            "group_ids": [(6, 0, [group])],
        },
    )
    visitor = Visitor()
    assert visitor.login(login, PASSWORD)
    return visitor


@contextlib.contextmanager
def offered(infra, application, service):
    """Have an application on the website, with bases in ``service``; it goes at the end."""
    api = infra.api
    api("clouder.domain", "write", [infra.domain], {"public": True})
    values = {
        "web_published": True,
        "web_create_type": "base",
        "web_domain_ids": [(6, 0, [infra.domain])],
        "next_service_id": service,
    }
    api("clouder.application", "write", [application], values)
    try:
        yield
    finally:
        values = {"web_published": False, "next_service_id": False}
        api("clouder.application", "write", [application], values)
        api("clouder.domain", "write", [infra.domain], {"public": False})
