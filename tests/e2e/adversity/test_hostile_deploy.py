"""Hostile texts that are accepted reach what is hosted unchanged, and nothing runs."""

import os
import pathlib
import re

import pytest

from .. import hosted, hostile
from ..client import PREFIX, Browser
from ..conftest import deploy, service

REPO = pathlib.Path(__file__).parents[3]
TITLE_LIMIT = 200


def titles():
    """Return the one-line texts, joined into as few titles as they fit in."""
    packed = [""]
    for text in hostile.LINES:
        if len(packed[-1]) + len(text) >= TITLE_LIMIT:
            packed.append("")
        packed[-1] += f" {text}" if packed[-1] else text
    return packed


def canaries(engine):
    """Return where a command of the corpus left its file: on the host, in containers."""
    folders = ["/tmp", REPO, os.environ["CLOUDER_E2E_STATE"], pathlib.Path.home()]
    found = [
        path
        for folder in folders
        for path in pathlib.Path(folder).glob(f"{hostile.CANARY}*")
    ]
    argv = ["find", "/", "-path", "/proc", "-prune", "-o", "-path", "/sys", "-prune"]
    argv += ["-o", "-name", f"{hostile.CANARY}*", "-print"]
    for container in engine.containers.list(filters={"name": f"{PREFIX}-"}):
        found += container.exec_run(argv, user="root", stderr=False).output.split()
    return found


@pytest.fixture(scope="module", autouse=True)
def nothing_ran(engine):
    yield
    assert not canaries(engine)


@pytest.fixture(scope="module")
def hostile_places(infra):
    """Give the texts that everything hosted here belongs to hostile values."""
    api = infra.api
    partner = api.read("clouder.environment", infra.environment, "partner_id")[0]
    text = "\n".join(hostile.LINES)
    places = (
        ("clouder.environment", infra.environment, "name"),
        ("clouder.domain", infra.domain, "organisation"),
        ("res.partner", partner, "name"),
    )
    before = [api.read(model, record, field) for model, record, field in places]
    for model, record, field in places:
        hostile.write(api, model, record, {field: text})
    yield
    for (model, record, field), value in zip(places, before, strict=True):
        api(model, "write", [record], {field: value})


def test_titles_arrive_verbatim(infra, hostile_places):
    first, *others = titles()
    login = "_s.+@admin-x"
    base = infra.running_base(title=first, admin_name=login)
    api = infra.api
    host, password = (
        api.read("clouder.base", base, name)
        for name in ("fulldomain", "admin_password")
    )
    browser = Browser(host)
    assert browser.login(login, password)
    seen = [company_name(browser)]
    for title in others:
        api("clouder.base", "write", [base], {"title": title})
        status = api.follow(api("clouder.base", "deploy", [base]))
        assert status["state"] == "done", api.story(status)
        seen.append(company_name(browser))
    assert seen == titles()


def company_name(browser):
    [company] = browser.call("res.company", "search_read", [], ["name"])
    return company["name"]


def test_a_title_is_no_markup(infra):
    base = infra.running_base(title="<script>alert('clouder')</script>")
    host = infra.api.read("clouder.base", base, "fulldomain")
    for path in ("/web/login", "/"):
        _status, _headers, page = Browser(host).request(path)
        assert "<script>alert('clouder')" not in page


def test_accounts_take_no_hostile_text(infra):
    values = infra.base_values()
    refused = 0
    for field in ("admin_name", "admin_email", "poweruser_name", "poweruser_email"):
        for text in hostile.LINES:
            if re.fullmatch(r"[\w@.][\w.@+-]*", text, re.ASCII):
                continue
            with pytest.raises(Exception, match="not allowed"):
                infra.api.create("clouder.base", {**values, field: text})
            refused += 1
    assert refused > 90


def test_an_option_that_becomes_a_word_of_a_command(infra, engine):
    """A value the driver cannot use ends the job with a sentence; nothing is left."""
    api = infra.api
    before = hosted.databases(engine)
    definition = option(api, "odoo", "install_modules")
    base = infra.create_base(
        option_ids=[(0, 0, {"name": definition, "value": hostile.LINES[1]})]
    )
    for text in (*hostile.LINES[1:7], "base --load=x", "base\n--init=all"):
        status = api.settle("clouder.base", base, state="failed")
        assert "cannot be the name of an Odoo module" in status["error"], status
        assert "Traceback" not in status["detail"]
        [line] = api("clouder.base.option", "search", [["base_id", "=", base]])
        api("clouder.base.option", "write", [line], {"value": text})
        api("clouder.job", "retry", [api.last_job("clouder.base", base)])
    api.settle("clouder.base", base, state="failed")
    assert hosted.databases(engine) == before


def option(api, kind, name):
    return api.find(
        "clouder.application.type.option",
        ("type_id.name", "=", kind),
        ("name", "=", name),
    )


def test_options_of_a_container_arrive_verbatim(infra, engine):
    """In the environment when they are open, in a file when they are secret."""
    api, text = infra.api, "\n".join((*hostile.LINES, hostile.LONG))
    kind = api.find("clouder.application.type", ("name", "=", "postgres"))
    record = service(api, infra.environment, infra.node, "postgres", "hostile")
    made = []
    for name in ("hostile_open", "hostile_secret"):
        values = {"type_id": kind, "name": name, "type": "container"}
        values["secret"] = name.endswith("secret")
        made.append(api.create("clouder.application.type.option", values))
        line = {"service_id": record, "name": made[-1], "value": text}
        api.create("clouder.service.option", line)
    try:
        deploy(api, record)
        container = engine.containers.get(f"{PREFIX}-hostile")
        assert f"HOSTILE_OPEN={text}" in container.attrs["Config"]["Env"]
        path = "/etc/clouder/options/hostile_secret"
        assert container.exec_run(["cat", path]).output.decode() == text
        assert text not in str(container.attrs["Config"]).replace(
            f"HOSTILE_OPEN={text}", ""
        )
    finally:
        status = api.follow(api("clouder.service", "purge", [record], data=True))
        assert status["state"] == "done", api.story(status)
        api("clouder.service", "unlink", [record])
        api("clouder.application.type.option", "unlink", made)


def test_nothing_of_a_request_comes_back_as_markup():
    """The proxy's own pages do not repeat the host or the path they were asked for."""
    for host in ("<script>x</script>", "nobody.e2e.localhost"):
        status, _headers, page = Browser(host).request(
            "/%3Cscript%3Ecanary%3C/script%3E"
        )
        assert status in (400, 404)
        assert "canary" not in page
        assert "<script" not in page


def test_the_backend_shows_no_text_as_markup(api):
    """Views and widgets of Clouder escape; what is tracked is escaped in the chatter."""
    partner = api.create("res.partner", {"name": "<script>canary</script>"})
    environment = api.create("clouder.environment", {
        "name": "<script>canary</script>", "prefix": "markup", "partner_id": partner,
    })  # fmt: skip
    api("clouder.environment", "write", [environment], {"name": "<img onerror=canary>"})
    domain = [["model", "=", "clouder.environment"], ["res_id", "=", environment]]
    messages = api("mail.message", "search_read", domain, ["body", "preview"])
    assert messages
    for message in messages:
        assert "<script" not in str(message)
        assert "<img" not in str(message)
    api("clouder.environment", "unlink", [environment])
    raw = re.compile(r"\bmarkup\(|innerHTML|t-raw|insertAdjacentHTML|Markup\(")
    for file in REPO.glob("clouder*/**/*"):
        if file.suffix in (".js", ".xml", ".py") and "tests" not in file.parts:
            assert not raw.search(file.read_text()), file
