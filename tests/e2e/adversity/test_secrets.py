"""Planted secrets are looked for in everything that the system writes and shows."""

import json
import os
import pathlib
import subprocess
import xmlrpc.client

import pytest

from .. import planted
from ..client import PREFIX, Api

MASK = "••••"


@pytest.fixture(scope="module")
def watched(infra):
    with planted.Watch() as watch:
        return planted.plant(infra), watch


@pytest.fixture(scope="module")
def secret(watched):
    return watched[0]


def assert_absent(secret, text, where):
    found = [word for word in secret.words() if word in text]
    assert not found, f"{where}: {found}"


def test_the_administrator_reads_what_he_wrote(api, secret):
    """Else the other tests would look for texts that were never there."""
    for (model, record, field), value in secret.places.items():
        assert value in api.read(model, record, field), (model, field)
    assert len(secret.words()) > 10


def test_job_texts(api, secret):
    for model, fields in {
        "clouder.job": ["name", "error", "error_detail", "current_step"],
        "clouder.job.step": ["name", "error"],
        "clouder.job.line": ["text"],
        "clouder.service": ["error", "error_detail", "observed"],
        "clouder.base": ["error", "error_detail", "observed"],
        "clouder.service.link": ["reason"],
        "clouder.base.link": ["reason"],
        "queue.job": ["exc_info", "exc_message", "result", "kwargs", "name"],
    }.items():
        assert_absent(secret, str(api(model, "search_read", [], fields)), model)


def test_what_a_failing_program_prints_is_masked(api, secret):
    job = api.last_job("clouder.service", secret.failed_service)
    status = api("clouder.job", "status", [job])
    assert status["state"] == "failed"
    told = f"{api('clouder.job', 'log', [job])} {status}"
    assert MASK in told


def test_server_log(secret):
    log = pathlib.Path(os.environ["CLOUDER_E2E_STATE"], "odoo.log")
    text = log.read_text(errors="replace")
    assert "/xmlrpc/2/object" in text
    assert_absent(secret, text, log)


def test_command_lines_of_all_processes(watched):
    secret, watch = watched
    seen = b"\n".join(watch.seen).decode(errors="replace")
    assert "psql\0--no-psqlrc" in seen, "the containers' processes were not seen"
    assert_absent(secret, seen, "process list")


def test_the_engine_tells_nothing(engine, secret):
    """Neither environment, labels and commands nor the logs of any container."""
    names = set()
    for container in engine.containers.list(all=True):
        assert_absent(secret, json.dumps(container.attrs), f"inspect {container.name}")
        if container.name.startswith(f"{PREFIX}-"):
            names.add(container.name)
            text = container.logs(tail=20000).decode(errors="replace")
            assert_absent(secret, text, f"logs of {container.name}")
    assert len(names) >= 3
    for volume in engine.volumes.list():
        assert_absent(secret, json.dumps(volume.attrs), f"volume {volume.name}")
    for image in engine.images.list(name="clouder/*"):
        assert_absent(secret, json.dumps([image.attrs, image.history()]), image.tags)


def test_messages_and_tracking(api, secret):
    messages = api("mail.message", "search_read", [], ["body", "subject", "preview"])
    assert_absent(secret, str(messages), "mail.message")
    values = api("mail.tracking.value", "search_read", [], [])
    assert_absent(secret, str(values), "mail.tracking.value")


def test_the_database_holds_tokens_only(secret):
    dump = subprocess.run(
        ["pg_dump", "--data-only", "--dbname", os.environ["CLOUDER_E2E_DB"]],
        check=True, capture_output=True, text=True, errors="replace",
    ).stdout  # fmt: skip
    assert f"secret{PREFIX}" in dump or "COPY public.clouder_base " in dump
    assert_absent(secret, dump, "database dump")


def make_user(api, role, environment=None):
    """Return a session of a new user with one role of Clouder, in one environment."""
    login = f"{role}-{planted.secrets.token_hex(3)}"
    password = planted.secrets.token_urlsafe(12)
    [group] = api("ir.model.data", "search_read",
                  [["module", "=", "clouder"], ["name", "=", role]], ["res_id"])  # fmt: skip
    user = api.create("res.users", {
        "name": login, "login": login, "password": password,
        "group_ids": [(6, 0, [group["res_id"]])],
    })  # fmt: skip
    if environment:
        users = {"user_ids": [(4, user)]}
        api("clouder.environment", "write", [environment], users)
    return Api(api.url, api.db, login, password)


@pytest.fixture(
    scope="module", params=["user", "deployer elsewhere", "manager elsewhere"]
)
def stranger(request, api, secret):
    if request.param == "user":
        return make_user(api, "group_user", secret.environment)
    role = (
        "group_deployer" if "deployer" in request.param else "group_application_manager"
    )
    other = make_user(api, role)
    prefix = f"sx{planted.secrets.token_hex(3)}"
    other.create("clouder.environment", {"name": prefix, "prefix": prefix})
    return other


def asked(user, model, method, *args, **named):
    """Return what a call answers, or the text of its refusal."""
    try:
        return user(model, method, *args, **named)
    except xmlrpc.client.Fault as fault:
        return fault


def answers(user, place, value):
    """Yield everything that a user can get out of one secret field."""
    model, record, field = place
    stored = f"{field}_encrypted"
    for name in (field, stored):
        yield asked(user, model, "read", [record], [name])
        yield asked(user, model, "search_read", [["id", "=", record]], [name])
        yield asked(user, model, "web_read", [record], {name: {}})
        yield asked(user, model, "export_data", [record], [name])
        yield asked(user, model, "formatted_read_group", [], [name], ["__count"])
        yield asked(user, model, "web_read_group", [], [name])
        yield asked(user, model, "search_read", [], ["id"], order=name)
    yield asked(user, model, "name_search", value)
    yield asked(user, model, "copy_data", [record])
    yield asked(user, model, "default_get", [field])
    yield asked(user, model, "copy", [record])


def test_strangers_read_no_secret(stranger, secret):
    for place, value in secret.places.items():
        for answer in answers(stranger, place, value):
            text = str(getattr(answer, "faultString", answer))
            assert_absent(secret, text, place)
            assert "gAAAA" not in text, f"{place}: a token is shown"


def test_strangers_cannot_guess_a_secret(stranger, secret):
    """A search by a secret, or by the beginning of one, finds nothing."""
    for (model, _record, field), value in secret.places.items():
        for name in (field, f"{field}_encrypted", "value_plain"):
            for operator, word in (("=", value), ("=like", f"{value[:9]}%")):
                found = asked(stranger, model, "search", [[name, operator, word]])
                assert isinstance(found, xmlrpc.client.Fault) or not found, (
                    model,
                    name,
                )


def test_strangers_write_no_secret(api, stranger, secret):
    for (model, record, field), value in secret.places.items():
        refused = asked(stranger, model, "write", [record], {field: "x"})
        assert isinstance(refused, xmlrpc.client.Fault), (model, field)
        assert value in api.read(model, record, field)


def test_the_log_of_somebody_elses_job_stays_closed(api, stranger, secret):
    job = api.last_job("clouder.base", secret.base)
    answer = asked(stranger, "clouder.job", "log", [job])
    if stranger.login.startswith("group_user"):
        assert_absent(secret, str(answer), "log")
    else:
        assert answer.faultCode == 4
