"""Purging takes away what belongs to the thing that is purged, and nothing else."""

import re
import uuid
import xmlrpc.client

import docker
import pytest

from .. import hosted
from ..client import PREFIX, Browser
from ..conftest import deploy, service

KEPT = f"{PREFIX}-kept"


def purge(api, model, record, **named):
    status = api.follow(api(model, "purge", [record], **named))
    assert status["state"] == "done", api.story(status)
    assert api.read(model, record, "state") == "purged"


def traces(engine, host):
    """Return where something of a base is left."""
    return {
        place
        for place, found in {
            "database": host in hosted.databases(engine),
            "filestore": host in hosted.filestores(engine),
            "page": hosted.page(host) != 404,
            "route": host in proxy_files(engine),
        }.items()
        if found
    }


def proxy_files(engine):
    """Return what nginx was told, the halves that are served only."""
    argv = ["nginx", "-T", "-q", "-c", "/etc/clouder/nginx.conf"]
    return engine.containers.get(hosted.PROXY).exec_run(argv).output.decode()


def upload(browser):
    """Have the base store a file, so that its filestore has one."""
    token = uuid.uuid4().hex
    values = {"name": token, "raw": token, "mimetype": "text/plain"}
    [attachment] = browser.call("ir.attachment", "create", [values])
    return attachment


def test_a_purged_base_leaves_nothing(infra, engine):
    api = infra.api
    base, neighbour = infra.running_base(), infra.running_base()
    host, other = (
        api.read("clouder.base", one, "fulldomain") for one in (base, neighbour)
    )
    browser = Browser(host)
    assert browser.login("admin", api.read("clouder.base", base, "admin_password"))
    upload(browser)
    assert traces(engine, host) == {"database", "filestore", "page", "route"}

    purge(api, "clouder.base", base)
    assert not traces(engine, host)
    assert traces(engine, other) == {"database", "filestore", "page", "route"}

    again = infra.running_base(host.partition(".")[0])
    assert traces(engine, host) >= {"database", "page", "route"}
    old = api.read("clouder.base", base, "admin_password")
    assert old != api.read("clouder.base", again, "admin_password")
    assert not Browser(host).login("admin", old)
    for record in (again, neighbour):
        purge(api, "clouder.base", record)
    api("clouder.base", "unlink", [base, again, neighbour])


def test_purging_twice_does_no_harm(infra, engine):
    base = infra.running_base()
    host = infra.api.read("clouder.base", base, "fulldomain")
    for _time in range(2):
        purge(infra.api, "clouder.base", base)
        assert not traces(engine, host)
    infra.api("clouder.base", "unlink", [base])


@pytest.mark.parametrize("how", ["stopped", "gone"])
def test_a_base_is_purged_while_its_proxy_is_away(infra, engine, how):
    api, base = infra.api, infra.running_base()
    host = api.read("clouder.base", base, "fulldomain")
    proxy = engine.containers.get(hosted.PROXY)
    proxy.stop() if how == "stopped" else proxy.remove(force=True)
    try:
        purge(api, "clouder.base", base)
        assert host not in hosted.databases(engine)
        assert host not in hosted.filestores(engine)
    finally:
        deploy(api, infra.proxy)
    infra.running_base()  # The next publication leaves the purged host out.
    assert not traces(engine, host)


def test_a_service_with_bases_stays(infra):
    api, base = infra.api, infra.running_base()
    host = api.read("clouder.base", base, "fulldomain")
    for method in ("purge", "unlink"):
        with pytest.raises(
            xmlrpc.client.Fault, match=r"still (has|hosts) bases:"
        ) as refused:
            api("clouder.service", method, [infra.odoo])
        # Ten are named, of which other tests may have left more.
        assert re.search(rf"{host}|\d+ more\.", refused.value.faultString)
        assert refused.value.faultCode == 2
        assert "Traceback" not in refused.value.faultString
    assert api.read("clouder.service", infra.odoo, "state") == "running"
    with pytest.raises(xmlrpc.client.Fault, match="purge it first"):
        api("clouder.base", "unlink", [base])
    purge(api, "clouder.base", base)


@pytest.fixture
def kept(infra):
    record = service(infra.api, infra.environment, infra.node, "postgres", "kept")
    deploy(infra.api, record)
    yield record
    purge(infra.api, "clouder.service", record, data=True)
    infra.api("clouder.service", "unlink", [record])


def psql(engine, statement):
    argv = ["psql", "-X", "-A", "-t", "-U", "postgres", "-c", statement]
    status, output = engine.containers.get(KEPT).exec_run(argv, user="postgres")
    assert status == 0, output
    return output.decode().strip()


def own_volumes(engine):
    """Return the named volumes of the service; those of its containers have none."""
    return {
        volume.name
        for volume in engine.volumes.list()
        if volume.name.startswith(f"{KEPT}.")
    }


def private_volumes(engine):
    """Return the volumes that live and die with the containers of the service."""
    found = engine.volumes.list(filters={"label": f"clouder.private={KEPT}"})
    return {volume.name for volume in found}


def test_a_purged_service_finds_its_data_again(infra, engine, kept):
    api = infra.api
    psql(engine, "CREATE TABLE remembered AS SELECT 'canary' AS word")
    volumes = own_volumes(engine)
    assert volumes
    assert private_volumes(engine)

    purge(api, "clouder.service", kept)
    with pytest.raises(docker.errors.NotFound):
        engine.containers.get(KEPT)
    assert own_volumes(engine) == volumes
    assert not private_volumes(engine)

    deploy(api, kept)
    assert psql(engine, "SELECT word FROM remembered") == "canary"
    assert own_volumes(engine) == volumes

    purge(api, "clouder.service", kept, data=True)
    assert not own_volumes(engine)
    assert {hosted.POSTGRES, hosted.ODOO} <= {
        one.name for one in engine.containers.list()
    }

    deploy(api, kept)
    assert psql(engine, "SELECT to_regclass('remembered')") == ""


def test_a_container_removed_by_hand_does_not_stop_a_purge(infra, engine, kept):
    engine.containers.get(KEPT).remove(force=True)
    purge(infra.api, "clouder.service", kept)


def test_a_deployed_service_is_not_deleted(infra, kept):
    with pytest.raises(xmlrpc.client.Fault, match="purge it first"):
        infra.api("clouder.service", "unlink", [kept])


def test_a_service_that_others_are_linked_to_stays(infra):
    """Each of them would take the bases of the Odoo service away."""
    api, base = infra.api, infra.running_base()
    for record, word in ((infra.postgres, "odoo-exec"), (infra.proxy, "bases: ")):
        for data in (False, True):
            with pytest.raises(xmlrpc.client.Fault, match=word):
                api("clouder.service", "purge", [record], data=data)
    purge(api, "clouder.base", base)


def test_a_database_of_somebody_else_survives_the_purge(infra, engine):
    """What bears another mark is another's, whatever its name."""
    api, base = infra.api, infra.running_base()
    host = api.read("clouder.base", base, "fulldomain")

    def as_postgres(statement):
        argv = ["psql", "-X", "-U", "postgres", "-c", statement]
        container = engine.containers.get(hosted.POSTGRES)
        status, output = container.exec_run(argv, user="postgres")
        assert status == 0, output

    as_postgres(f"COMMENT ON DATABASE \"{host}\" IS 'somebody else'")
    purge(api, "clouder.base", base)
    assert traces(engine, host) == {"database", "filestore"}
    taker = infra.create_base(host.partition(".")[0])
    api.settle("clouder.base", taker, "failed")
    assert "belongs to somebody else" in api.read("clouder.base", taker, "error")
    assert traces(engine, host) == {"database", "filestore"}

    as_postgres(f'COMMENT ON DATABASE "{host}" IS NULL')
    purge(api, "clouder.base", taker)
    assert not traces(engine, host)


def test_a_purged_base_leaves_the_next_one_alone(infra, engine):
    api, former = infra.api, infra.running_base()
    host = api.read("clouder.base", former, "fulldomain")
    purge(api, "clouder.base", former)
    taker = infra.running_base(host.partition(".")[0])
    there = {"database", "filestore", "page", "route"} & traces(engine, host)
    old_jobs = api.read("clouder.base", former, "job_ids")
    for call in (
        lambda: api("clouder.base", "purge", [former]),
        lambda: api("clouder.base", "deploy", [former]),
        lambda: api("clouder.job", "retry", [old_jobs[0]]),
    ):
        with pytest.raises(xmlrpc.client.Fault):
            call()
    assert traces(engine, host) >= there >= {"database", "page", "route"}
    purge(api, "clouder.base", taker)


def test_a_new_service_does_not_inherit_the_volumes_of_a_former_one(infra, engine):
    api = infra.api
    first = service(api, infra.environment, infra.node, "postgres", "kept")
    deploy(api, first)
    psql(engine, "CREATE TABLE remembered AS SELECT 'canary' AS word")
    purge(api, "clouder.service", first)
    api("clouder.service", "unlink", [first])
    volumes = own_volumes(engine)
    second = service(api, infra.environment, infra.node, "postgres", "kept")
    status = api.follow(api("clouder.service", "deploy", [second]))
    assert status["state"] == "failed"
    assert "had the same name" in status["error"]
    assert own_volumes(engine) == volumes
    with pytest.raises(docker.errors.NotFound):
        engine.containers.get(KEPT)
    purge(api, "clouder.service", second)
    api("clouder.service", "unlink", [second])
    for name in volumes:
        engine.volumes.get(name).remove()
