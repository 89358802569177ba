"""The worker dies in the middle of each step of a base's deployment in turn."""

import pytest

from . import faults, hosted
from .client import Browser

STEPS = [
    "base_service",
    "base_template",
    "base_create_database",
    "base_links",
    "base_publish",
    "base_ready",
    "base_probe",
]


def test_every_step_is_tried(infra):
    """The list above is the list of the steps that a deployment really has."""
    base = infra.create_base("steps")
    job = infra.api.settle("clouder.base", base)["id"]
    steps = infra.api(
        "clouder.job.step", "search_read", [["job_id", "=", job]], fields=["hook"]
    )
    assert [step["hook"] for step in steps] == STEPS


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("hook", STEPS)
def test_killed_in_a_step(infra, engine, server, hook, when):
    """``after``: the effect is there, but nothing of it was committed."""
    name = f"kill-{hook.replace('_', '-')}-{when}"
    host = f"{name}.e2e.localhost"
    faults.set_fault(infra.api, f"{hook}:{when}:kill")
    base = infra.create_base(name)
    server.wait_dead()
    server.start()
    infra.api.settle("clouder.base", base)

    values = infra.api.read(
        "clouder.base", base, "state", "admin_name", "admin_password"
    )
    assert values["state"] == "running"
    assert Browser(host).login(values["admin_name"], values["admin_password"])
    assert [name for name in hosted.databases(engine) if name == host] == [host]
    assert not hosted.leftovers(engine)
    active = infra.api(
        "clouder.job",
        "search_count",
        [
            ["res_model", "=", "clouder.base"],
            ["res_id", "=", base],
            ["state", "in", ["pending", "running", "retrying"]],
        ],
    )
    assert active == 0
