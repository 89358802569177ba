"""The worker dies in the middle of each step of a base's deployment in turn."""

import contextlib

import pytest

from .. import faults, hosted
from ..client import PREFIX, Browser
from ..conftest import DOMAIN, service

STEPS = [
    "base_service",
    "base_template",
    "base_create_database",
    "base_follow",
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
    with nothing_more(engine):
        base = killed_at(infra, server, f"{hook}:{when}:kill", name)
        assert_runs(infra, engine, base, f"{name}.{DOMAIN}")


# What is sent to PostgreSQL in the one long step, in this order: the database is made,
# then what is the tenant's own is set in it, then it is opened.
PLACES = {
    "before the database": "NOT EXISTS",
    "made, not the tenant's": "\\connect",
    "the tenant's, not open": "AND datistemplate",
}


@pytest.mark.parametrize("place", PLACES)
def test_killed_inside_of_the_long_step(infra, engine, server, place):
    name = f"kill-{list(PLACES).index(place)}"
    with nothing_more(engine):
        base = killed_at(infra, server, f"exec:{PLACES[place]}:cut", name)
        assert_runs(infra, engine, base, f"{name}.{DOMAIN}")


# Each has modules of its own, so that its template is really made.
TEMPLATES = {
    "nothing installed": ("--init=", "web,uom"),
    "all done but its name": ("ALLOW_CONNECTIONS false", "web,web_tour"),
}


@pytest.mark.parametrize("place", TEMPLATES)
def test_killed_while_a_template_is_made(infra, engine, server, place):
    text, modules = TEMPLATES[place]
    name = f"kill-template-{list(TEMPLATES).index(place)}"
    known = hosted.templates(engine)
    option = infra.base_option("install_modules", modules)
    with nothing_more(engine):
        base = killed_at(infra, server, f"exec:{text}:cut", name, option_ids=[option])
        assert_runs(infra, engine, base, f"{name}.{DOMAIN}")
    assert len(hosted.templates(engine) - known) == 1


def test_killed_while_its_service_is_deployed(infra, engine, server):
    """The base's first step has to wait for a service that is only ordered."""
    odoo = service(infra.api, infra.environment, infra.node, "odoo", suffix="kill")
    base = killed_at(
        infra, server, "service_container:after:kill", "kill-service", service_id=odoo
    )
    assert infra.api.read("clouder.base", base, "state") == "running"
    assert hosted.page(f"kill-service.{DOMAIN}") == 200
    mine = {name for name in hosted.parts(engine) if name.startswith(f"{PREFIX}-kill-")}
    containers = {one for one in mine if "." not in one}
    assert containers == {f"{PREFIX}-kill-odoo-exec"}, "and neither .old nor .new"
    for model, record, named in (
        ("clouder.base", base, {}),
        ("clouder.service", odoo, {"data": True}),
    ):
        status = infra.api.follow(infra.api(model, "purge", [record], **named))
        assert status["state"] == "done", infra.api.story(status)
    assert not {one for one in hosted.parts(engine) if one in mine}


def killed_at(infra, server, place, name, **values):
    """Order a base while the server is to be killed at ``place``; have it go on."""
    faults.set_fault(infra.api, place)
    base = infra.create_base(name, **values)
    server.wait_dead()
    server.start()
    infra.api.settle("clouder.base", base)
    return base


@contextlib.contextmanager
def nothing_more(engine):
    """See that the block leaves neither containers nor volumes, and nothing half done."""
    before = hosted.parts(engine)
    yield
    assert hosted.parts(engine) == before
    assert not hosted.leftovers(engine)
    assert not hosted.making(engine)


def assert_runs(infra, engine, base, host):
    """See that a base is there once, and works."""
    values = infra.api.read(
        "clouder.base", base, "state", "admin_name", "admin_password"
    )
    assert values["state"] == "running"
    assert Browser(host).login(values["admin_name"], values["admin_password"])
    assert {name for name in hosted.databases(engine) if host in name} == {host}
    assert {name for name in hosted.filestores(engine) if host in name} == {host}
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
