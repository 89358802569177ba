"""The programs in examples/ do what they say, through each door."""

import os
import pathlib
import secrets
import subprocess
import sys
import xmlrpc.client

import pytest

from ..client import Browser, api_key
from ..conftest import DOMAIN

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"
PROGRAMS = sorted(
    path.stem
    for path in EXAMPLES.glob("*.py")
    if path.stem not in ("doors", "shortest")
)
DOORS = ("json2", "jsonrpc", "odoorpc", "xmlrpc")


@pytest.fixture(scope="module")
def surroundings(infra):
    """Return the environment of the programs: where Clouder is, and a key to it."""
    api = infra.api
    return {
        **os.environ,
        "CLOUDER_URL": api.url,
        "CLOUDER_DB": api.db,
        "CLOUDER_LOGIN": api.login,
        "CLOUDER_KEY": api_key(api),
    }


@pytest.fixture
def run(surroundings):
    """Return a function that runs a program and returns its lines, or its error."""

    def ran(program, *words, door="json2", fails=False, **environ):
        argv = [sys.executable, str(EXAMPLES / f"{program}.py"), "--door", door, *words]
        done = subprocess.run(
            argv,
            env={**surroundings, **environ},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        if not fails:
            return done.stdout.splitlines()
        assert "Traceback" not in done.stderr
        return done.stderr.strip().splitlines()[-1]

    return ran


def order_words(infra, name):
    """Return what is typed to order an instance."""
    api = infra.api
    return [
        name,
        DOMAIN,
        "--environment",
        api.read("clouder.environment", infra.environment, "prefix"),
        "--service",
        api.read("clouder.service", infra.odoo, "name"),
        "--email",
        "admin@e2e.example",
    ]


@pytest.mark.parametrize("door", DOORS)
def test_an_instance_lives_and_ends(infra, run, door):
    name = f"by-{door}-{secrets.token_hex(2)}"
    host = f"{name}.{DOMAIN}"
    [made] = run("order", *order_words(infra, name), door=door)
    url, login, password = made.split()
    assert url.startswith(f"http://{host}")
    assert Browser(host).login(login, password)

    listed = run("list", door=door)
    assert f"{host} running {url} " in listed

    assert run("update", host, "--title", "Otherwise", door=door)
    base = infra.api.find("clouder.base", ("fulldomain", "=", host))
    assert infra.api.read("clouder.base", base, "title") == "Otherwise"
    assert run("update", host, door=door) == [f"{host} is up to date."]

    assert run("suspend", host, door=door) == [f"{host} suspended"]
    assert Browser(host).request("/web/login")[0] == 503
    assert run("suspend", host, "--resume", door=door) == [f"{host} running"]
    assert Browser(host).request("/web/login")[0] == 200

    [said] = run("delete", host, "--days", "3", door=door)
    assert "goes on" in said
    assert run("delete", host, "--cancel", door=door)[-1] == f"{host} stays."
    assert run("delete", host, "--now", door=door)[-1] == f"{host} is gone."
    assert not infra.api.find("clouder.base", ("fulldomain", "=", host))


@pytest.fixture
def offered(infra):
    """Have the website offer Odoo, in the service that is there; return its code."""
    api = infra.api
    application = api.find("clouder.application", ("code", "=", "odoo"))
    offer = {
        "web_create_type": "base",
        "web_published": True,
        "web_domain_ids": [(6, 0, [infra.domain])],
        "next_service_id": infra.odoo,
    }
    before = api("clouder.application", "read", [application], fields=list(offer))[0]
    api("clouder.application", "write", [application], offer)
    yield "odoo"
    former = {
        "web_create_type": before["web_create_type"],
        "web_published": before["web_published"],
        "web_domain_ids": [(6, 0, before["web_domain_ids"])],
        "next_service_id": before["next_service_id"] and before["next_service_id"][0],
    }
    api("clouder.application", "write", [application], former)


@pytest.mark.parametrize("door", DOORS)
def test_an_order_for_a_customer(infra, run, offered, door):
    api, name = infra.api, f"for-{door}-{secrets.token_hex(2)}"
    email = f"{name}@customer.example"
    words = [offered, name, "--email", email, "--contact", "Jane Doe"]
    [url] = run("order_form", *words, "--domain", DOMAIN, door=door)
    host = f"{name}.{DOMAIN}"
    assert url.startswith(f"http://{host}")
    assert Browser(host).request("/web/login")[0] == 200
    [customer] = api("res.users", "search_read", [("login", "=", email)], ["share"])
    assert customer["share"], "a customer is a portal user"
    said = run("order_form", *words, "--domain", DOMAIN, door=door, fails=True)
    assert said.startswith("error: ")
    assert "taken" in said
    assert run("delete", host, "--now", door=door)[-1] == f"{host} is gone."


@pytest.mark.parametrize("door", DOORS)
def test_a_refusal_is_one_sentence(infra, run, door):
    words = order_words(infra, "Not a name")
    assert run("order", *words, door=door, fails=True).startswith("error: ")
    gone = run("suspend", "nobody.example", door=door, fails=True)
    assert gone == "error: There is no clouder.base whose fulldomain is nobody.example."


@pytest.mark.parametrize("door", DOORS)
def test_a_wrong_key_is_told(run, door):
    said = run("list", door=door, fails=True, CLOUDER_KEY="not-the-key")
    assert said.startswith("error: ")
    assert "not-the-key" not in said


def test_what_is_missing_is_named(run):
    assert "CLOUDER_KEY" in run("list", fails=True, CLOUDER_KEY="")
    assert "CLOUDER_DB" in run("list", fails=True, CLOUDER_DB="")


def test_a_server_that_is_away(run):
    away = "http://127.0.0.1:9"
    for door in DOORS:
        said = run("list", door=door, fails=True, CLOUDER_URL=away)
        assert said.startswith(f"error: {away} cannot be reached"), door


@pytest.mark.parametrize("program", PROGRAMS)
def test_help(program):
    argv = [sys.executable, str(EXAMPLES / f"{program}.py"), "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert "CLOUDER_KEY" in done.stdout


def test_a_script_of_clouder_0_10(infra):
    """As they were written then: ``execute``, values in one dict, the id alone."""
    api = infra.api
    models = xmlrpc.client.ServerProxy(f"{api.url}/xmlrpc/object")
    name = f"old-{secrets.token_hex(3)}"
    values = {
        "name": name,
        "title": "From 2017",
        "domain_id": infra.domain,
        "environment_id": infra.environment,
        "application_id": api.find("clouder.application", ("code", "=", "odoo")),
        "service_id": infra.odoo,
        "admin_name": "admin",
        "admin_password": "chosen-by-the-script",
        "admin_email": "admin@e2e.example",
        "poweruser_name": "boss",
        "poweruser_email": "boss@e2e.example",
        "build": "build",
        "ssl_only": False,
        "test": False,
        "lang": "en_US",
        "auto_backup": True,
        "time_between_backup": 9999,
        "backup_expiration": 5,
    }
    caller = (api.db, api.uid, api.password)
    base = models.execute(*caller, "clouder.base", "create", values)
    assert isinstance(base, int)
    api.settle("clouder.base", base)
    assert Browser(f"{name}.{DOMAIN}").login("admin", "chosen-by-the-script")

    older = {**values, "name": f"{name}2", "container_id": infra.odoo}
    del older["service_id"]
    with pytest.raises(xmlrpc.client.Fault) as refused:
        models.execute(*caller, "clouder.base", "create", older)
    assert "write service_id" in refused.value.faultCode
    models.execute(*caller, "clouder.base", "write", [base], {"title": "Still"})
    job = models.execute(*caller, "clouder.base", "purge", [base])
    assert api.follow(job)["state"] == "done"
