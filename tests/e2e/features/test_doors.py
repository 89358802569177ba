"""The whole way, from an empty environment to a record in a new Odoo, over each door."""

import concurrent.futures
import secrets

import pytest

from .. import hosted
from ..client import Browser, Json2, api_key
from ..conftest import BEFORE_ODOO, deploy, service

DOORS = ("XML-RPC", "JSON-2")


@pytest.fixture(scope="module")
def journeys(api, infra, engine):
    """Go the whole way over each door, all at once; nothing of it stays."""
    doors = dict(zip(DOORS, (api, Json2(api_key(api))), strict=True))
    prefixes = {name: f"d{secrets.token_hex(3)}" for name in DOORS}
    with concurrent.futures.ThreadPoolExecutor(len(DOORS)) as pool:
        begun = {
            name: pool.submit(journey, door, infra, prefixes[name])
            for name, door in doors.items()
        }
        yield begun
    for prefix in prefixes.values():
        purge(api, prefix)
        assert not hosted.parts(engine, prefix)


def purge(api, prefix):
    """Purge an environment."""
    mine = ["environment_id.prefix", "=", prefix]
    for model, named in (("clouder.base", {}), ("clouder.service", {"data": True})):
        for record in api(model, "search", [mine, ["state", "!=", "purged"]]):
            if model == "clouder.base" or not api.read(model, record, "parent_id"):
                job = api(model, "purge", [record], **named)
                assert api.follow(job)["state"] == "done"


def http_port(door, proxy):
    """Return the port of the node at which a proxy answers."""
    [port] = door(
        "clouder.service.port",
        "search_read",
        [["service_id", "=", proxy], ["name", "=", "http"]],
        fields=["hostport"],
    )
    return port["hostport"]


@pytest.mark.parametrize("door", DOORS)
def test_from_nothing_to_a_record(journeys, door):
    host, port, login, password, prefix = journeys[door].result()
    browser = Browser(host, port)
    assert browser.login(login, password)
    partner = browser.call("res.partner", "create", [{"name": f"Over {prefix}"}])
    [read] = browser.call("res.partner", "read", partner, ["name"])
    assert read["name"] == f"Over {prefix}"


def journey(door, infra, prefix):
    """Return the host of a new base, the port of its proxy, login, password and prefix."""
    environment = door.create(
        "clouder.environment", {"name": prefix, "prefix": prefix, "partner_id": 1}
    )
    made = {}
    for codes in (BEFORE_ODOO, ("odoo",)):
        for code in codes:
            made[code] = service(door, environment, infra.node, code)
        deploy(door, *(made[code] for code in codes))
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
    port = http_port(door, made["proxy"])
    account = known["admin_name"], known["admin_password"]
    return known["fulldomain"], port, *account, prefix
