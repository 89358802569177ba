"""Role by model by right, the same through every door: password, session and API key."""

import copy
import xmlrpc.client

import pytest
from e2e.client import Json2, Refused, api_key

from .conftest import PLANTED, browser_of

RIGHTS = ("read", "write", "create", "unlink")


def over_password(caller):
    caller = copy.copy(caller)
    caller.secret = caller.password
    return lambda model, right, record: caller(
        model, "has_access", [record], operation=right
    )


def over_key(caller):
    door = Json2(api_key(caller))
    return lambda model, right, record: door(
        model, "has_access", [record], operation=right
    )


def over_session(caller):
    browser = browser_of(caller)
    return lambda model, right, record: browser.call(
        model, "has_access", [record], operation=right
    )


def table(door, customer):
    """Return what a caller may do with the records of a customer, by model."""
    return {
        model: "".join(right[0] for right in RIGHTS if door(model, right, record))
        for model, record in sorted(customer.records.items())
    }


@pytest.mark.parametrize("who", ["user", "deployer", "manager"])
def test_all_doors_are_equally_wide(world, who):
    caller = world.own.callers[who]
    tables = [
        {
            "own": table(door(caller), world.own),
            "foreign": table(door(caller), world.foreign),
        }
        for door in (over_password, over_key, over_session)
    ]
    assert tables[0] == tables[1] == tables[2]
    own, foreign = tables[0]["own"], tables[0]["foreign"]
    assert own["clouder.base"] == ("r" if who == "user" else "rwcu")
    assert own["clouder.job"] == own["clouder.environment"][:1] == "r"
    assert not any(foreign[model] for model in foreign if model != "clouder.provider")


def test_portal_users_and_employees_without_a_role(world):
    for who, caller in world.outsiders.items():
        for door in (over_password, over_session):
            for customer in (world.own, world.foreign):
                rights = table(door(caller), customer)
                assert not any(rights.values()), (who, rights)


def test_a_customer_reads_his_bases_and_nothing_else(world):
    """The portal's right is the only one that people without a role have."""
    for door in (over_password, over_session):
        own = table(door(world.client), world.own)
        assert {model: letters for model, letters in own.items() if letters} == {
            "clouder.base": "r"
        }
        assert not any(table(door(world.client), world.foreign).values())


def test_a_customer_reads_no_secret_of_his_bases(world):
    base = world.own["clouder.base"]
    assert world.client.read("clouder.base", base, "title") == world.own.name
    for field in (*PLANTED["clouder.base"], "service_id", "error_detail", "job_ids"):
        with pytest.raises(xmlrpc.client.Fault) as caught:
            world.client.read("clouder.base", base, field)
        assert caught.value.faultCode == 4, field


def test_a_portal_user_gets_no_key(world):
    for caller in (world.outsiders["portal"], world.client):
        with pytest.raises(Refused) as caught:
            api_key(caller)
        assert caught.value.name == "odoo.exceptions.AccessError"


def test_where_portal_users_have_keys_these_are_no_wider(world):
    name = "portal.allow_api_keys"
    world.api("ir.config_parameter", "set_param", name, "True")
    try:
        doors = {
            who: over_key(who) for who in (world.outsiders["portal"], world.client)
        }
    finally:
        world.api("ir.config_parameter", "set_param", name, False)
    for caller, door in doors.items():
        assert not any(table(door, world.foreign).values())
        own = {model for model, letters in table(door, world.own).items() if letters}
        assert own == ({"clouder.base"} if caller is world.client else set())
