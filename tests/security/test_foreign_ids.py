"""Ids of another customer's records, on every way in that takes an id."""

import json
import xmlrpc.client

import pytest
from e2e.client import Refused

from .conftest import browser_of

CHANGES = {
    "clouder.base": {"title": "Mine now"},
    "clouder.domain": {"organisation": "Mine now"},
    "clouder.environment": {"name": "Mine now"},
    "clouder.node": {"public_ip": "192.0.2.66"},
    "clouder.provider": {"login": "mine"},
    "clouder.service": {"memory_limit": 1},
}
# Fields that hang a record of one's own on a record of another customer.
HOOKS = {
    "clouder.base": ("service_id", "domain_id", "environment_id", "reset_id"),
    "clouder.service": ("node_id", "parent_id", "environment_id", "from_id"),
}
NO_RIGHT, GONE = 4, 2
# What is told of a conversation that somebody may not read.
THREAD = {"id", "model", "hasReadAccess", "hasWriteAccess"}


def refused(call, *args, **named):
    """Check that a call is refused for want of a right, or as there is no such record."""
    with pytest.raises(xmlrpc.client.Fault) as caught:
        call(*args, **named)
    assert caught.value.faultCode in (NO_RIGHT, GONE), caught.value.faultString
    return caught.value.faultString


def test_nobody_reads_a_foreign_record(world):
    for who, caller in world.callers().items():
        for model, record in world.foreign.records.items():
            if model == "clouder.provider" and who in ("deployer", "manager"):
                # Providers are for all who deploy; what is secret in them is not.
                continue
            text = refused(caller, model, "read", [record], ["display_name"])
            assert world.foreign.name not in text, (who, model)


def test_nobody_finds_a_foreign_record(world):
    for who, caller in world.own.callers.items():
        for model, record in world.foreign.records.items():
            if model == "clouder.provider":
                continue
            found = caller(model, "search", [("id", "=", record)])
            assert not found, (who, model)


def test_nobody_changes_or_deletes_a_foreign_record(world):
    for caller in world.callers().values():
        for model, values in CHANGES.items():
            refused(caller, model, "write", [world.foreign[model]], values)
        for model, record in world.foreign.records.items():
            with pytest.raises(xmlrpc.client.Fault) as caught:
                caller(model, "unlink", [record])
            # Anything else would tell what the record is used by.
            assert caught.value.faultCode == NO_RIGHT, caught.value.faultString
            assert world.foreign.name not in caught.value.faultString


def test_nobody_steers_a_foreign_job(world):
    job = world.foreign["clouder.job"]
    for caller in world.callers().values():
        for method in ("status", "log", "wait", "cancel", "retry"):
            text = refused(caller, "clouder.job", method, [job])
            assert world.foreign.name not in text


def test_nobody_asks_for_a_foreign_deployment(world):
    for caller in world.callers().values():
        for model in ("clouder.base", "clouder.service"):
            for method in ("deploy", "purge", "stop", "restart", "upgrade", "plan"):
                refused(caller, model, method, [world.foreign[model]])


def test_no_own_record_is_hung_on_a_foreign_one(world):
    deployer = world.own.callers["deployer"]
    targets = {
        "service_id": "clouder.service",
        "domain_id": "clouder.domain",
        "environment_id": "clouder.environment",
        "reset_id": "clouder.base",
        "node_id": "clouder.node",
        "parent_id": "clouder.service",
        "from_id": "clouder.service",
    }
    for model, fields in HOOKS.items():
        for field in fields:
            with pytest.raises(xmlrpc.client.Fault) as caught:
                deployer(
                    model,
                    "write",
                    [world.own[model]],
                    {field: world.foreign[targets[field]]},
                )
            assert world.foreign.name not in caught.value.faultString, (model, field)


def test_a_base_cannot_be_reset_from_a_foreign_one(world):
    with pytest.raises(xmlrpc.client.Fault) as caught:
        world.own.callers["deployer"](
            "clouder.base",
            "reset",
            [world.own["clouder.base"]],
            source_id=world.foreign["clouder.base"],
        )
    assert world.foreign.name not in caught.value.faultString


def test_routes_of_odoo_that_take_a_model_and_an_id(world):
    base, node = world.foreign["clouder.base"], world.foreign["clouder.node"]
    for caller in (world.own.callers["deployer"], world.outsiders["portal"]):
        browser = browser_of(caller)
        for path in (
            f"/web/content/clouder.base/{base}/admin_password_encrypted",
            f"/web/content/clouder.base/{base}/cert_key",
            f"/web/content/clouder.node/{node}/tls_key",
            f"/web/image/clouder.base/{base}/title",
        ):
            status, _headers, text = browser.request(path)
            assert status in (403, 404) or path.startswith("/web/image"), path
            assert world.canary not in text
            assert world.foreign.name not in text


def test_the_conversation_of_a_foreign_record(world):
    """Odoo answers with messages of elsewhere: none of them may be of the record."""
    for caller in (world.own.callers["deployer"], world.outsiders["portal"]):
        browser = browser_of(caller)
        thread = {
            "thread_model": "clouder.base",
            "thread_id": world.foreign["clouder.base"],
        }
        asked = ["mail.thread", {**thread, "request_list": ["followers", "activities"]}]
        for path, params in (
            ("/mail/thread/messages", {**thread, "fetch_params": {}}),
            ("/mail/data", {"fetch_params": [asked]}),
        ):
            _status, _headers, text = browser.request(
                path,
                json.dumps({"params": params}),
                {"Content-Type": "application/json"},
            )
            for told in _inside(json.loads(text)["result"]):
                record = (told.get("model"), told.get("res_id", told.get("id")))
                if record == ("clouder.base", world.foreign["clouder.base"]):
                    assert told.get("hasReadAccess") is False, path
                    assert set(told) <= THREAD, path


def _inside(value):
    """Yield every dict inside of a JSON value."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, dict | list):
            yield from _inside(one)


def test_exporting_a_foreign_record(world):
    browser = browser_of(world.own.callers["deployer"])
    with pytest.raises(Refused) as caught:
        browser.call(
            "clouder.base", "export_data", [world.foreign["clouder.base"]], ["title"]
        )
    # Who may not export at all is told so before anything is looked at.
    assert caught.value.name.startswith("odoo.exceptions.")
    assert world.foreign.name not in str(caught.value)
