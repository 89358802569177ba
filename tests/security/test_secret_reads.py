"""What is secret, asked for in every way that Odoo has of reading."""

import json
import xmlrpc.client

import pytest

from .conftest import PLANTED

FIELDS = [(model, field) for model, fields in PLANTED.items() for field in fields]


def attempts(caller, model, field, record, guess):
    """Yield (name, function) of all that might tell the value of a field."""

    def call(method, *args, **named):
        return lambda: caller(model, method, *args, **named)

    for name in (field, f"{field}_encrypted"):
        yield f"read {name}", call("read", [record], [name])
        yield f"search {name}", call("search", [(name, "ilike", guess)])
        yield f"order by {name}", call("search", [], order=name)
        yield (
            f"group by {name}",
            call("formatted_read_group", [], [name], ["__count"]),
        )
        yield (
            f"web read {name}",
            call("web_read", [record], {name: {}}),
        )
        yield f"export {name}", call("export_data", [record], [name])
    yield "everything", call("read", [record])
    yield "found by name", call("name_search", guess)
    yield "copied", call("copy_data", [record])
    yield "defaults", call("default_get", [field])


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_nobody_else_is_told(world, model, field):
    record = world.foreign[model]
    for who, caller in world.callers().items():
        for name, attempt in attempts(caller, model, field, record, world.canary):
            try:
                answer = json.dumps(attempt(), default=str)
            except xmlrpc.client.Fault as fault:
                answer = fault.faultString
            assert world.canary not in answer, (who, name)
            assert "gAAAA" not in answer, (who, name)


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_a_search_is_no_oracle(world, model, field):
    """Whether a guess is right is not told by what is found, either."""
    for who, caller in world.callers().items():
        for name in (field, f"{field}_encrypted"):
            found = []
            for guess in (world.canary, "no such value"):
                try:
                    found.append(
                        caller(model, "search_count", [(name, "ilike", guess)])
                    )
                except xmlrpc.client.Fault as fault:
                    found.append(fault.faultCode)
            assert found[0] == found[1], (who, name)


def test_the_way_through_other_records(world):
    """A path of relations, an owner's own record at its beginning."""
    deployer = world.own.callers["deployer"]
    for path in (
        "service_id.node_id.tls_key",
        "domain_id.cert_key_encrypted",
        "environment_id.base_ids.admin_password_encrypted",
        "reset_id.admin_password",
    ):
        for guess in (world.canary, ""):
            try:
                found = deployer(
                    "clouder.base", "search_count", [(path, "ilike", guess)]
                )
            except xmlrpc.client.Fault as fault:
                assert world.canary not in fault.faultString.replace(guess or "–", "")
                continue
            assert not found or not guess, path


def test_who_owns_a_secret_reads_it(world):
    """Else the tests above would pass for want of a secret."""
    [values] = world.foreign.callers["deployer"](
        "clouder.base", "read", [world.foreign["clouder.base"]], ["admin_password"]
    )
    assert world.canary in values["admin_password"]


def test_a_reader_of_the_own_customer_is_no_deployer(world):
    user = world.foreign.callers["user"]
    with pytest.raises(xmlrpc.client.Fault):
        user(
            "clouder.base", "read", [world.foreign["clouder.base"]], ["admin_password"]
        )
