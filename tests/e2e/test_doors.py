"""The whole way, from an empty environment to a record in a new Odoo, over each door."""

import secrets

import pytest

from . import hosted
from .client import Browser, Json2, api_key
from .conftest import deploy, service


@pytest.fixture(params=["XML-RPC", "JSON-2"])
def door(request, api):
    return api if request.param == "XML-RPC" else Json2(api_key(api))


@pytest.fixture
def prefix(api, infra, engine):
    """Return the prefix of an environment that the test makes; nothing of it stays."""
    prefix = f"d{secrets.token_hex(3)}"
    yield prefix
    mine = ["environment_id.prefix", "=", prefix]
    for model, named in (("clouder.base", {}), ("clouder.service", {"data": True})):
        for record in api(model, "search", [mine, ["state", "!=", "purged"]]):
            if model == "clouder.base" or not api.read(model, record, "parent_id"):
                job = api(model, "purge", [record], **named)
                assert api.follow(job)["state"] == "done"
    assert not hosted.parts(engine, prefix)


def http_port(door, proxy):
    """Return the port of the node at which a proxy answers."""
    [port] = door(
        "clouder.service.port",
        "search_read",
        [["service_id", "=", proxy], ["name", "=", "http"]],
        fields=["hostport"],
    )
    return port["hostport"]


def test_from_nothing_to_a_record(door, infra, prefix):
    environment = door.create(
        "clouder.environment", {"name": prefix, "prefix": prefix, "partner_id": 1}
    )
    made = {}
    for code in ("postgres", "proxy", "odoo"):
        made[code] = service(door, environment, infra.node, code)
        deploy(door, made[code])
    base = door.create(
        "clouder.base",
        infra.base_values(prefix, environment_id=environment, service_id=made["odoo"]),
    )
    assert door.settle("clouder.base", base)["progress"] == 100
    [known] = door(
        "clouder.base",
        "read",
        [base],
        fields=["fulldomain", "state", "admin_name", "admin_password"],
    )
    assert known["state"] == "running"

    browser = Browser(known["fulldomain"], http_port(door, made["proxy"]))
    assert browser.login(known["admin_name"], known["admin_password"])
    partner = browser.call("res.partner", "create", [{"name": f"Over {prefix}"}])
    [read] = browser.call("res.partner", "read", partner, ["name"])
    assert read["name"] == f"Over {prefix}"
