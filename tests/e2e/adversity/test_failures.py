"""What cannot work is told in one sentence, leaves nothing, and works once mended."""

import socket

import docker
import pytest

from .. import faults, hosted
from ..client import PREFIX
from ..conftest import service


def failed(api, model, record, *words):
    """See that the last job of a record failed, with all ``words`` in its sentence."""
    status = api.settle(model, record, state="failed")
    values = api.read(model, record, "state", "error", "error_detail")
    assert values["state"] == "failed"
    for word in words:
        assert word in values["error"], values
    assert "Traceback" not in values["error"]
    assert "\n" not in values["error"].strip(), values["error"]
    return status, values


def option(api, application, name):
    """Return the id of the definition of an option of an application's type."""
    type_id = api.read("clouder.application", application, "type_id")[0]
    return api.find(
        "clouder.application.type.option",
        ("type_id", "=", type_id),
        ("name", "=", name),
    )


def test_a_module_that_does_not_exist(infra, engine):
    api = infra.api
    before = hosted.databases(engine), hosted.filestores(engine)
    values = infra.base_values("nomodule")
    definition = option(api, values["application_id"], "install_modules")
    values["option_ids"] = [
        (0, 0, {"name": definition, "value": "no_such_module_here"})
    ]
    base = api.create("clouder.base", values)
    _status, values = failed(
        api, "clouder.base", base, "no_such_module_here", "install_modules"
    )
    # No command failed: it is found before one begins, and the sentence is all there is.
    assert not values["error_detail"]
    assert (hosted.databases(engine), hosted.filestores(engine)) == before
    assert hosted.page("nomodule.e2e.localhost") == 404

    [line] = api("clouder.base.option", "search", [["base_id", "=", base]])
    api("clouder.base.option", "write", [line], {"value": "web"})
    job = api("clouder.job", "retry", [api.last_job("clouder.base", base)])
    status = api.follow(job)
    assert status["state"] == "done", api.story(status)
    assert hosted.page("nomodule.e2e.localhost") == 200


@pytest.fixture
def own_application(infra):
    """Return an application of one container with an image of its own."""
    api = infra.api
    source = api.find("clouder.image", ("name", "=", "postgres"))
    broken = {"name": "e2e-broken", "dockerfile": "RUN echo before && /no/such/program"}
    [image] = api("clouder.image", "copy", [source], broken)
    application = api.create(
        "clouder.application",
        {
            "name": "Broken",
            "code": "broken",
            "type_id": api.find("clouder.application.type", ("name", "=", "postgres")),
            "current_version": "1",
            "default_image_id": image,
            "public": True,
        },
    )
    return application, image


def test_a_dockerfile_that_fails(infra, engine, own_application):
    api = infra.api
    _application, image = own_application
    record = service(api, infra.environment, infra.node, "broken")
    api("clouder.service", "deploy", [record])
    _status, values = failed(api, "clouder.service", record)
    assert "/no/such/program" in values["error_detail"]
    with pytest.raises(docker.errors.NotFound):
        engine.containers.get(f"{PREFIX}-broken")
    # Without a recipe of its own the image takes that of the type's driver.
    api("clouder.image", "write", [image], {"dockerfile": False})
    job = api("clouder.job", "retry", [api.last_job("clouder.service", record)])
    status = api.follow(job)
    assert status["state"] == "done", api.story(status)
    assert engine.containers.get(f"{PREFIX}-broken").status == "running"
    api.follow(api("clouder.service", "purge", [record], data=True))


def test_a_port_that_is_taken(infra, engine):
    api = infra.api
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        record = service(api, infra.environment, infra.node, "proxy", suffix="taken")
        [line] = api(
            "clouder.service.port",
            "search",
            [["service_id", "=", record], ["name", "=", "http"]],
        )
        api("clouder.service.port", "write", [line], {"hostport": port})
        api("clouder.service", "deploy", [record])
        words = (f"host port {port}", "in use", "Choose another host port")
        _status, values = failed(api, "clouder.service", record, *words)
        assert str(port) in values["error_detail"], "the engine's own words"
        with pytest.raises(docker.errors.NotFound):
            engine.containers.get(f"{PREFIX}-taken")
    job = api("clouder.job", "retry", [api.last_job("clouder.service", record)])
    status = api.follow(job)
    assert status["state"] == "done", api.story(status)
    api.follow(api("clouder.service", "purge", [record], data=True))


def test_a_full_job_queue(infra):
    api = infra.api
    with faults.held(api, "service_prepare:before"):
        api("ir.config_parameter", "set_param", "clouder.job_queue_limit", "0")
        try:
            base = infra.create_base("full")
            values = api.read("clouder.base", base, "state", "error")
        finally:
            api("ir.config_parameter", "set_param", "clouder.job_queue_limit", "1000")
    assert values["state"] == "failed"
    assert "queue is full" in values["error"]
    assert not api.read("clouder.base", base, "last_job_id")
    # There is no job to try again: this is what Retry calls on the form of the base.
    api("clouder.base", "action_deploy", [base])
    api.settle("clouder.base", base)


def test_cancel_a_running_job(infra):
    api = infra.api
    with faults.held(api, "base_create_database:before"):
        base = infra.create_base("cancelled")
        job = api.last_job("clouder.base", base)
        for _ in range(240):
            if api("clouder.job", "wait", [job], timeout=0.25)["state"] == "running":
                break
        api("clouder.job", "cancel", [job])
        status = api.follow(job)
    assert status["state"] == "cancelled", api.story(status)
    assert api.read("clouder.base", base, "state") == "failed"
    status = api.follow(api("clouder.base", "deploy", [base]))
    assert status["state"] == "done", api.story(status)
