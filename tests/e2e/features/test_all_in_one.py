"""Odoo all-in-one: PostgreSQL and Odoo in one tree, with bases like any other Odoo."""

import pytest

from ..client import PREFIX
from ..conftest import deploy, service
from ..hosted import POSTGRES
from .test_odoo import admin_of

SUFFIX = "all"
ROOT = f"{PREFIX}-{SUFFIX}"


@pytest.fixture(scope="module")
def whole(infra):
    api = infra.api
    made = service(api, infra.environment, infra.node, "odoo-all", SUFFIX)
    deploy(api, made)
    yield made
    status = api.follow(api("clouder.service", "purge", [made], data=True))
    assert status["state"] == "done", api.story(status)
    api("clouder.service", "unlink", [made])


def containers(engine):
    return {
        one.name for one in engine.containers.list() if one.name.startswith(f"{ROOT}-")
    }


def has_database(engine, container, name):
    found = engine.containers.get(container).exec_run(
        ["psql", "-X", "-A", "-t", "-d", "postgres", "-c",
         "SELECT datname FROM pg_database"],
        user="postgres",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    return name in found.output.decode().split()


def test_one_order_makes_the_whole_tree(infra, engine, whole):
    running = containers(engine)
    [database] = [name for name in running if name.endswith("postgres")]
    assert [name for name in running if name.endswith("odoo-exec")]

    application = infra.api.find("clouder.application", ("code", "=", "odoo-all"))
    base = infra.running_base(service_id=whole, application_id=application)
    host = infra.api.read("clouder.base", base, "fulldomain")
    browser = admin_of(infra, base)
    [partner] = browser.call("res.partner", "create", [{"name": "All in one"}])
    [found] = browser.call("res.partner", "read", [partner], ["name"])
    assert found["name"] == "All in one"
    assert has_database(engine, database, host), "in the PostgreSQL of its own"
    assert not has_database(engine, POSTGRES, host)

    status = infra.api.follow(infra.api("clouder.base", "purge", [base]))
    assert status["state"] == "done", infra.api.story(status)
    assert not has_database(engine, database, host)
    infra.api("clouder.base", "unlink", [base])
    before = containers(engine)
    deploy(infra.api, whole)
    assert containers(engine) == before
