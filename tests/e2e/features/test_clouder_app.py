"""Clouder hosts Clouder: a control plane of one's own, ordered like any other base."""

import secrets
import xmlrpc.client

import pytest
from clouder_lib.wait import wait_for

from .. import hosted
from ..client import PREFIX, Browser
from ..conftest import deploy, service
from ..visitor import customer, enter, offered

# Installing all of Clouder once, for the template.
DEADLINE_S = 1800


class Inner:
    """The Clouder that Clouder hosts, over XML-RPC under its own host name."""

    def __init__(self, known):
        self.browser = Browser(known["fulldomain"])
        self.db, self.password = known["fulldomain"], known["admin_password"]
        self.uid = self._ask(
            "common", "authenticate", self.db, known["admin_name"], self.password, {}
        )
        assert self.uid, "the new Clouder refused its administrator"

    def _ask(self, door, method, *args):
        body = xmlrpc.client.dumps(args, method, allow_none=True)
        status, _headers, text = self.browser.request(
            f"/xmlrpc/2/{door}", body, {"Content-Type": "text/xml"}
        )
        assert status == 200, text[:500]
        return xmlrpc.client.loads(text)[0][0]

    def __call__(self, model, method, *args, **named):
        """Call a public method of the inner Clouder."""
        return self._ask(
            "object", "execute_kw", self.db, self.uid, self.password, model, method,
            args, named,
        )  # fmt: skip


@pytest.fixture(scope="module")
def clouder(infra):
    """Deploy a service of the application Clouder; it goes at the end."""
    api = infra.api
    found = service(api, infra.environment, infra.node, "clouder")
    deploy(api, found)
    yield found
    bases = api("clouder.base", "search", [("service_id", "=", found)])
    for base in bases:
        assert api.follow(api("clouder.base", "purge", [base]))["state"] == "done"
    api("clouder.base", "unlink", bases)
    status = api.follow(api("clouder.service", "purge", [found], data=True))
    assert status["state"] == "done", api.story(status)
    api("clouder.service", "unlink", [found])


def known(api, base):
    """Return what is known of a base."""
    return api.read(
        "clouder.base",
        base,
        "fulldomain",
        "admin_name",
        "admin_password",
        "poweruser_name",
        "poweruser_password",
    )


def ordered(infra, clouder):
    """Order a Clouder by script; return what is known of it when it runs."""
    api = infra.api
    base = infra.create_base(
        f"clouder-{secrets.token_hex(3)}",
        application_id=application(api),
        service_id=clouder,
    )
    status = api.follow(api.last_job("clouder.base", base), DEADLINE_S)
    assert status["state"] == "done", api.story(status)
    return known(api, base)


def application(api):
    return api.find("clouder.application", ("code", "=", "clouder"))


def test_a_customer_orders_a_clouder_on_the_form(infra, clouder):
    api, visitor = infra.api, customer(infra.api)
    name = f"clouder-{secrets.token_hex(3)}"
    with offered(infra, application(api), clouder):
        progress = visitor.order(
            "clouder", name=name, title="Ours", domain=str(infra.domain), lang="en_US"
        )
        browser, status = enter(visitor.way_in(progress, DEADLINE_S))
    assert status == 303
    seen = known(api, api.find("clouder.base", ("name", "=", name)))
    inner = Inner(seen)
    types = inner("clouder.application.type", "search_read", [], fields=["name"])
    assert {one["name"] for one in types} >= {"odoo", "postgres", "proxy"}

    assert inner.browser.login(seen["admin_name"], seen["admin_password"])
    for who, there in (("customer", browser), ("administrator", inner.browser)):
        menus = there.call("ir.ui.menu", "load_menus", False)
        names = {menu["name"] for menu in menus.values()}
        assert {"Clouder", "Services", "Bases", "Nodes"} <= names, who


def test_it_does_jobs_of_its_own_and_of_each_further_one(infra, clouder, engine):
    """The second database comes when the runner of jobs has long begun."""
    first, second = (Inner(ordered(infra, clouder)) for _ in range(2))
    uuids = set()
    for inner in (first, second):
        uuids.add(inner("ir.config_parameter", "get_param", "database.uuid"))
        [node] = inner(
            "clouder.node",
            "create",
            [{"name": "nowhere", "engine_url": "tcp://127.0.0.1:1"}],
        )
        job = inner("clouder.node", "check", [node])

        def tried(inner=inner, job=job):
            [seen] = inner("clouder.job", "read", [job], ["state", "attempts"])
            return seen["attempts"] > 0, str(seen)

        wait_for("the inner Clouder to try its job", tried, 120)
    assert len(uuids) == 2
    keys = engine.containers.get(f"{PREFIX}-clouder-clouder-exec").exec_run(
        ["stat", "-c", "%a", "/var/lib/odoo/clouder.key"]
    )
    assert keys.output.strip() == b"600"
    assert not hosted.leftovers(engine)
