"""API keys: whose they are, what they open, and when they stop."""

import copy
import secrets
import xmlrpc.client

import pytest
import requests
from e2e.client import Json2, api_key

from .conftest import ROLES, account, browser_of

# XML-RPC's code for a caller who is nobody.
DENIED = 3


def status(api, key, model="clouder.base", method="search", **named):
    """Return the HTTP status of a call with a key."""
    return requests.post(
        f"{api.url}/json/2/{model}/{method}",
        json={"domain": [], **named} if method == "search" else named,
        headers={"Authorization": f"Bearer {key}", "X-Odoo-Database": api.db},
        timeout=60,
    ).status_code


@pytest.fixture
def someone(api):
    """Return a deployer who has no key yet."""
    return account(api, f"key-{secrets.token_hex(4)}", ROLES["deployer"], key=False)


def test_a_key_opens_what_its_owner_may(world, someone):
    key = api_key(someone)
    assert status(world.api, key) == 200
    door = Json2(key)
    assert world.foreign["clouder.base"] not in door("clouder.base", "search", [])
    foreign = [world.foreign["clouder.base"]]
    assert status(world.api, key, method="read", ids=foreign, fields=["title"]) == 403
    found = door("res.users.apikeys", "search_read", [], fields=["user_id"])
    assert {one["user_id"][0] for one in found} == {someone.uid}


def test_a_key_is_no_session(world, someone):
    key = api_key(someone)
    answer = requests.post(
        f"{world.api.url}/json/2/clouder.base/search",
        json={"domain": []},
        headers={"Authorization": f"Bearer {key}", "X-Odoo-Database": world.api.db},
        timeout=60,
    )
    assert "session_id" not in answer.cookies
    page = requests.get(
        f"{world.api.url}/odoo",
        headers={"Authorization": f"Bearer {key}"},
        allow_redirects=False,
        timeout=60,
    )
    assert page.status_code in (303, 302)
    assert "login" in page.headers["Location"]


def test_a_revoked_key_stops_at_once(world, someone):
    key = api_key(someone)
    assert status(world.api, key) == 200
    [record] = someone("res.users.apikeys", "search", [("user_id", "=", someone.uid)])
    shown = browser_of(someone).call("res.users.apikeys", "remove", [record])
    if shown and shown.get("res_model") == "res.users.identitycheck":
        browser = browser_of(someone)
        shown = browser.call("res.users.apikeys", "remove", [record])
        browser.call(
            "res.users.identitycheck",
            "run_check",
            [shown["res_id"]],
            context={"password": someone.password},
        )
    assert status(world.api, key) == 401


def test_a_key_ends_with_its_owners_account(world, someone):
    key = api_key(someone)
    world.api("res.users", "write", [someone.uid], {"active": False})
    assert status(world.api, key) in (401, 403)


def test_a_key_ends_with_its_owners_role(world, someone):
    key = api_key(someone)
    employee = world.api("ir.model.data", "search_read", [
        ("module", "=", "base"), ("name", "=", "group_user"),
    ], fields=["res_id"])[0]["res_id"]  # fmt: skip
    roles = {"group_ids": [(6, 0, [employee])]}
    world.api("res.users", "write", [someone.uid], roles)
    assert status(world.api, key) == 403


def test_a_key_has_an_end(world, someone):
    api_key(someone)
    [record] = someone("res.users.apikeys", "search", [("user_id", "=", someone.uid)])
    values = world.api("res.users.apikeys", "read", [record], ["expiration_date"])[0]
    assert values["expiration_date"]


def test_an_expired_key(world, someone, sql):
    key = api_key(someone)
    assert status(world.api, key) == 200
    changed = sql(
        "UPDATE res_users_apikeys SET expiration_date = now() AT TIME ZONE 'utc' - "
        "interval '1 second' WHERE user_id = %s RETURNING id",
        someone.uid,
    )
    assert len(changed) == 1
    assert status(world.api, key) == 401
    script = copy.copy(someone)
    script.secret = key
    with pytest.raises(xmlrpc.client.Fault) as caught:
        script("clouder.base", "search", [])
    assert caught.value.faultCode == DENIED


@pytest.mark.parametrize("key", ["", "x", "0" * 40, "'; --", "Bearer"])
def test_what_is_no_key(world, key):
    assert status(world.api, key) == 401


def test_a_key_is_never_shown_again(world, someone):
    key = api_key(someone)
    found = someone("res.users.apikeys", "search_read", [])
    assert key not in str(found)
    assert all("key" not in values or not values["key"] for values in found)
