"""The main job: a script orders a base, and a real Odoo answers under its name."""

import os

import pytest

from ..client import PREFIX, Browser, Refused


def use_base(admin, host):
    """Log in to a base through the proxy; create a record in it and read it back."""
    browser = Browser(host)
    assert browser.login(admin["admin_name"], admin["admin_password"])
    partner = browser.call("res.partner", "create", [{"name": "Made in the base"}])
    [read] = browser.call("res.partner", "read", partner, ["name"])
    assert read["name"] == "Made in the base"
    return browser


def test_a_base_over_xmlrpc(infra):
    base = infra.create_base("hello")
    status = infra.api.settle("clouder.base", base)
    assert status["progress"] == 100
    admin = infra.api.read(
        "clouder.base", base, "admin_name", "admin_password", "url", "state"
    )
    assert admin["state"] == "running"
    port = os.environ["CLOUDER_E2E_PROXY_HTTP"]
    assert admin["url"] == f"http://hello.e2e.localhost:{port}"
    browser = use_base(admin, "hello.e2e.localhost")
    [company] = browser.call("res.company", "search_read", [], ["name"])
    assert company["name"] == "A tested base"


def test_a_wrong_password_is_refused(infra):
    infra.running_base("locked")
    assert not Browser("locked.e2e.localhost").login("admin", "wrong-password")


def test_the_power_user_can_log_in(infra):
    base = infra.running_base(
        "power", poweruser_name="boss@e2e.example", poweruser_email="boss@e2e.example"
    )
    password = infra.api.read("clouder.base", base, "poweruser_password")
    browser = Browser("power.e2e.localhost")
    assert browser.login("boss@e2e.example", password)


def test_deploying_twice_changes_nothing(infra, engine):
    base = infra.running_base("twice")

    def seen():
        return {
            container.name: (container.id, container.attrs["State"]["StartedAt"])
            for container in engine.containers.list(filters={"name": f"{PREFIX}-"})
        }

    before = seen()
    assert before
    for record in (infra.postgres, infra.proxy, infra.odoo):
        status = infra.api.follow(infra.api("clouder.service", "deploy", [record]))
        assert status["state"] == "done", infra.api.story(status)
    password = infra.api.read("clouder.base", base, "admin_password")
    reloads = infra.api.read("clouder.service", infra.proxy, "reload_count")
    status = infra.api.follow(infra.api("clouder.base", "deploy", [base]))
    assert status["state"] == "done", infra.api.story(status)
    assert seen() == before
    assert infra.api.read("clouder.base", base, "admin_password") == password
    assert infra.api.read("clouder.service", infra.proxy, "reload_count") == reloads


def test_bases_do_not_see_each_other(infra):
    infra.running_base("first")
    infra.running_base("second")
    one = Browser("first.e2e.localhost")
    password = infra.api.read(
        "clouder.base",
        infra.api.find("clouder.base", ("fulldomain", "=", "first.e2e.localhost")),
        "admin_password",
    )
    assert one.login("admin", password)
    assert one.call("res.partner", "search_count", []) > 0
    other = Browser("second.e2e.localhost")
    other.cookies = dict(one.cookies)
    with pytest.raises(Refused) as caught:
        other.call("res.partner", "search_count", [])
    assert caught.value.name == "odoo.http.SessionExpiredException"
    assert one.call("res.partner", "search_count", []) > 0, "the session itself is good"


def test_an_unknown_host_is_told_so(infra):
    status, _headers, page = Browser("nobody.e2e.localhost").request("/")
    assert status == 404
    assert "Odoo" not in page


def test_the_database_manager_is_closed(infra):
    infra.running_base("closed")
    browser = Browser("closed.e2e.localhost")
    for path in ("/web/database/manager", "/web/database/selector"):
        status, _headers, page = browser.request(path)
        assert status in (303, 403, 404) or "disabled" in page, (path, status)
