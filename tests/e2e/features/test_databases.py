"""A type with several databases for each base, on a real PostgreSQL."""

import pytest

from .. import hosted
from ..conftest import DOMAIN, deploy, service

SUFFIXES = ("log", "main")


def names(base):
    """Return the names of the databases that a base should have."""
    return {f"{base}.{DOMAIN}_{suffix}" for suffix in SUFFIXES}


def sql(engine, database, statement):
    """Return what a statement prints in a database."""
    argv = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    container = engine.containers.get(hosted.POSTGRES)
    status, output = container.exec_run(argv, user="postgres")
    assert status == 0, output
    return output.decode().strip()


@pytest.fixture(scope="module")
def twofold(infra):
    record = service(infra.api, infra.environment, infra.node, "test-twofold")
    deploy(infra.api, record)
    yield record
    status = infra.api.follow(
        infra.api("clouder.service", "purge", [record], data=True)
    )
    assert status["state"] == "done", infra.api.story(status)


def test_each_base_has_two_databases_of_its_own(infra, engine, twofold):
    api = infra.api
    application = api.find("clouder.application", ("code", "=", "test-twofold"))
    given = {"application_id": application, "service_id": twofold}
    before = hosted.databases(engine)
    one, other = (infra.running_base(name, **given) for name in ("two-a", "two-b"))
    assert hosted.databases(engine) - before == names("two-a") | names("two-b")

    main, log = f"two-a.{DOMAIN}_main", f"two-a.{DOMAIN}_log"
    sql(engine, main, "CREATE TABLE kept AS SELECT 7 AS number")
    assert sql(engine, main, "SELECT number FROM kept") == "7"
    for elsewhere in names("two-a") | names("two-b"):
        there = sql(engine, elsewhere, "SELECT to_regclass('kept') IS NOT NULL")
        assert there == ("t" if elsewhere == main else "f"), elsewhere
    owner = "SELECT DISTINCT pg_get_userbyid(datdba) FROM pg_database WHERE datname IN"
    name = api.read("clouder.service", twofold, "name").replace("-", "_")
    link = api.find("clouder.service.link", ("service_id", "=", twofold))
    role = f"{name}_s{link}"
    assert sql(engine, "postgres", f"{owner} ('{main}', '{log}')") == role

    status = api.follow(api("clouder.base", "deploy", [one]))
    assert status["state"] == "done", api.story(status)
    assert sql(engine, main, "SELECT number FROM kept") == "7", "it was left alone"

    for base in (one, other):
        status = api.follow(api("clouder.base", "purge", [base]))
        assert status["state"] == "done", api.story(status)
        fulldomain = api.read("clouder.base", base, "fulldomain")
        left = hosted.databases(engine)
        assert not [name for name in left if name.startswith(fulldomain)]
    assert hosted.databases(engine) == before
