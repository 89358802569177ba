"""Portal users, the public user, and employees without a role of Clouder."""

import json
import xmlrpc.client

import pytest
import requests

from .conftest import browser_of

# What a customer may see in the portal is read by rules; these nobody outside sees.
NEVER = (
    "clouder.application.option",
    "clouder.dns.sent",
    "clouder.environment",
    "clouder.image",
    "clouder.job",
    "clouder.node",
    "clouder.order",
    "clouder.order.attempt",
    "clouder.order.gate",
    "clouder.provider",
    "clouder.service",
    "clouder.service.option",
)


def models(api):
    """Return the names of all models of Clouder that have records."""
    found = api(
        "ir.model", "search_read",
        [("model", "=like", "clouder.%"), ("abstract", "=", False)], fields=["model"],
    )  # fmt: skip
    return sorted(one["model"] for one in found)


def test_no_outsider_writes_anything(world):
    for who, caller in world.outsiders.items():
        for model in models(world.api):
            for method, args in (
                ("create", [[{}]]),
                ("unlink", [[1]]),
                ("write", [[1], {}]),
            ):
                with pytest.raises(xmlrpc.client.Fault) as caught:
                    caller(model, method, *args)
                code = caught.value.faultCode
                assert code in (2, 4), (who, model, method, caught.value.faultString)


@pytest.mark.parametrize("model", NEVER)
def test_no_outsider_reads(world, model):
    for caller in world.outsiders.values():
        for method in ("search", "search_read", "search_count"):
            with pytest.raises(xmlrpc.client.Fault) as caught:
                caller(model, method, [])
            assert caught.value.faultCode == 4


def test_no_instance_without_the_order_form(world):
    """An order is confirmed and counted; a record made directly would be neither."""
    values = {
        "name": "free", "title": "x",
        "domain_id": world.own["clouder.domain"],
        "environment_id": world.own["clouder.environment"],
        "application_id": 1,
    }  # fmt: skip
    for caller in (*world.outsiders.values(), world.client):
        with pytest.raises(xmlrpc.client.Fault) as caught:
            caller("clouder.base", "create", [values])
        assert caught.value.faultCode == 4


def test_the_web_clients_door_is_no_wider(world):
    browser = browser_of(world.outsiders["portal"])
    for model in NEVER:
        payload = {
            "params": {"model": model, "method": "search", "args": [[]], "kwargs": {}}
        }
        _status, _headers, text = browser.request(
            f"/web/dataset/call_kw/{model}/search",
            json.dumps(payload),
            {"Content-Type": "application/json"},
        )
        error = json.loads(text)["error"]["data"]
        assert error["name"] == "odoo.exceptions.AccessError", model
        assert not error["debug"]


def test_without_a_login_nothing_answers(world):
    for path, body in (
        ("/web/dataset/call_kw", {"params": {"model": "clouder.base", "method": "search", "args": [[]], "kwargs": {}}}),
        ("/jsonrpc", {"params": {"service": "object", "method": "execute_kw", "args": [world.api.db, 3, "", "clouder.base", "search", [[]]]}}),
        ("/json/2/clouder.base/search", {"domain": []}),
    ):  # fmt: skip
        answer = requests.post(f"{world.api.url}{path}", json=body, timeout=60)
        assert "error" in answer.text or answer.status_code in (401, 403), path
        assert "result" not in answer.json(), path
        assert "Traceback" not in answer.text, path


def test_the_public_user_has_no_password(world):
    [public] = world.api(
        "ir.model.data", "search_read",
        [("module", "=", "base"), ("name", "=", "public_user")], fields=["res_id"],
    )  # fmt: skip
    proxy = xmlrpc.client.ServerProxy(f"{world.api.url}/xmlrpc/2/object")
    for password in ("", "public", " "):
        with pytest.raises(xmlrpc.client.Fault) as caught:
            proxy.execute_kw(
                world.api.db, public["res_id"], password, "clouder.base", "search", [[]]
            )
        assert caught.value.faultCode == 3


def test_buttons_are_no_way_round(world):
    """What a form calls is a method like any other."""
    for caller in world.outsiders.values():
        for method in ("action_deploy", "action_purge", "action_reset", "deploy"):
            with pytest.raises(xmlrpc.client.Fault) as caught:
                caller("clouder.base", method, [world.own["clouder.base"]])
            assert caught.value.faultCode == 4, method
