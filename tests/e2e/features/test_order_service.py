"""A customer orders an instance in a service of its own: made for him, and gone with it."""

import contextlib
import secrets

import pytest
from clouder_lib.wait import wait_for

from ..conftest import DOMAIN
from ..hosted import parts
from ..visitor import customer, enter, offered

SUGGESTED = ()


@contextlib.contextmanager
def public(api, *services):
    """Let every customer use services."""
    api("clouder.service", "write", list(services), {"public": True})
    try:
        yield
    finally:
        api("clouder.service", "write", list(services), {"public": False})


@pytest.fixture(scope="module")
def own_services(infra):
    """Have Odoo on the website, each order with a service of its own."""
    api = infra.api
    odoo = api.find("clouder.application", ("code", "=", "odoo"))
    node = api.read("clouder.application", odoo, "next_node_id")
    own = {"web_create_type": "service", "next_node_id": infra.node}
    with offered(infra, odoo, infra.odoo), public(api, infra.postgres, infra.proxy):
        api("clouder.application", "write", [odoo], own)
        yield
        before = {"web_create_type": "base", "next_node_id": node and node[0]}
        api("clouder.application", "write", [odoo], before)


def test_it_is_made_for_him_and_goes_with_his_instance(infra, engine, own_services):
    api, name, visitor = infra.api, f"own-{secrets.token_hex(3)}", customer(infra.api)
    typed = {"name": name, "title": "My own", "domain": str(infra.domain)}
    progress = visitor.order("odoo", lang="en_US", **typed)
    browser, status = enter(visitor.way_in(progress))
    assert (browser.host, status) == (f"{name}.{DOMAIN}", 303)
    assert browser.request("/odoo")[0] == 200

    base = api.find("clouder.base", ("name", "=", name))
    place = api.read("clouder.base", base, "environment_id")[0]
    home = api.read("clouder.base", base, "service_id")[0]
    prefix = api.read("clouder.environment", place, "prefix")
    assert home != infra.odoo
    assert place != infra.environment
    assert parts(engine, prefix)
    status = api.follow(api("clouder.base", "purge", [base]))
    assert status["state"] == "done", api.story(status)

    def gone():
        left = parts(engine, prefix) - parts(engine, "nobody")
        return not left, str(sorted(left))

    wait_for("the service to go with its base", gone, 120)
    assert api.read("clouder.service", home, "state") == "purged"
