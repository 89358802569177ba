"""What Clouder says itself is written by nobody else: states, jobs, results, owners."""

import xmlrpc.client

import pytest

WRITES = {
    "clouder.base": {
        "state": "running",
        "wanted": "running",
        "observed": "fine",
        "deployed_at": "2020-01-01 00:00:00",
        "error": False,
        "code_digest": "x",
        "driver_state": {},
        "admin_password_encrypted": "x",
    },
    "clouder.service": {"state": "running", "observed": "fine", "to_apply": False},
    "clouder.job": {"state": "done", "progress": 100, "error": False, "user_id": 1},
    "clouder.node": {"state": "online", "error": False},
    "clouder.environment": {"prefix": "other"},
}
CREATED = {
    "clouder.job": {
        "name": "x", "action": "deploy", "res_model": "clouder.base", "res_id": 1,
    },
    "clouder.container": {"name": "x"},
    "clouder.backup": {"name": "x"},
    "clouder.application.type": {"name": "mine", "system_user": "root"},
}  # fmt: skip


@pytest.mark.parametrize("model", sorted(WRITES))
def test_written(world, model):
    for who in ("deployer", "manager"):
        caller = world.own.callers[who]
        for field, value in WRITES[model].items():
            with pytest.raises(xmlrpc.client.Fault):
                caller(model, "write", [world.own[model]], {field: value})


@pytest.mark.parametrize("model", sorted(CREATED))
def test_created(world, model):
    for caller in world.callers().values():
        with pytest.raises(xmlrpc.client.Fault):
            caller(model, "create", [CREATED[model]])


def test_imported(world):
    """An import takes another way than a write."""
    fields = ["id", "title", "state"]
    for who in ("deployer", "manager"):
        result = world.own.callers[who](
            "clouder.base", "load", fields, [["", "Imported", "running"]]
        )
        assert not result["ids"], who


def test_a_new_base_begins_as_a_draft(world):
    deployer = world.own.callers["deployer"]
    [known] = deployer(
        "clouder.base",
        "read",
        [world.own["clouder.base"]],
        ["name", "domain_id", "environment_id", "application_id", "service_id"],
    )
    values = {
        name: value[0] if isinstance(value, list) else value
        for name, value in known.items()
        if name != "id"
    }
    for field, value in WRITES["clouder.base"].items():
        with pytest.raises(xmlrpc.client.Fault):
            deployer("clouder.base", "create", [{**values, "name": "x", field: value}])


def test_who_makes_himself_a_member(world):
    """The list of people of an environment decides about rights."""
    deployer = world.own.callers["deployer"]
    with pytest.raises(xmlrpc.client.Fault):
        deployer(
            "clouder.environment",
            "write",
            [world.foreign["clouder.environment"]],
            {"user_ids": [(4, deployer.uid)]},
        )
    with pytest.raises(xmlrpc.client.Fault):
        deployer("res.users", "write", [deployer.uid], {"group_ids": [(4, 1)]})
