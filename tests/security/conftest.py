"""Two customers with the same things, and everybody who might want what is not his.

These tests speak to a Clouder server through the doors that it has; nothing is deployed,
so no engine is needed. Each file is about one class of attacks.
"""

import dataclasses
import os
import secrets

import psycopg2
import pytest
from e2e.client import Api, Browser, api_key

from .visitors import CODE, Shop, setting

CANARY = "planted-canary-90210"
# Secrets that are planted at the second customer's records: model to field.
PLANTED = {
    "clouder.base": ("admin_password", "poweruser_password"),
    "clouder.domain": ("cert_key",),
    "clouder.node": ("tls_key",),
    "clouder.provider": ("secret_key",),
}
ROLES = {
    "user": "clouder.group_user",
    "deployer": "clouder.group_deployer",
    "manager": "clouder.group_application_manager",
}
OUTSIDERS = {"employee": "base.group_user", "portal": "base.group_portal"}


@dataclasses.dataclass
class Customer:
    """What one customer has, and how his people call."""

    name: str
    records: dict
    callers: dict

    def __getitem__(self, model):
        return self.records[model]


@dataclasses.dataclass
class World:
    """The customer who is attacked, the one who attacks, and people without a role.

    ``client`` is the portal user of the one who attacks: of Clouder he has his bases.
    """

    api: Api
    own: Customer
    foreign: Customer
    outsiders: dict
    client: Api
    canary: str

    def callers(self):
        """Return everybody to whom the foreign customer's records are not: name to Api."""
        return {**self.own.callers, **self.outsiders, "client": self.client}


@pytest.fixture(scope="session")
def api():
    return Api()


def account(api, login, *groups, key=True):
    """Make a user and return how he calls: by a key, unless he shall have none."""
    password = secrets.token_urlsafe(12)
    ids = [api("ir.model.data", "search_read", [
        ["module", "=", group.partition(".")[0]], ["name", "=", group.partition(".")[2]],
    ], fields=["res_id"])[0]["res_id"] for group in groups]  # fmt: skip
    api(
        "res.users",
        "create",
        [{
            "name": login, "login": login, "email": f"{login}@example.test",
            "password": password, "group_ids": [(6, 0, ids)],
        }],
        context={"no_reset_password": True},
    )  # fmt: skip
    caller = Api(login=login, password=password)
    if key and OUTSIDERS["portal"] not in groups:
        # Odoo takes its time to check a password, and these call very often.
        caller.secret = api_key(caller)
    return caller


def customer(api, name):
    """Make a customer with an environment, a service, a base and a job."""
    callers = {role: account(api, f"{name}-{role}", ROLES[role]) for role in ROLES}
    made = _places(api, name, [caller.uid for caller in callers.values()])
    made |= _hosted(api, name, made)
    return Customer(name, made, callers)


def _made(api, **values_by_model):
    """Create one record of each model, not deployed; return model to id."""
    return {
        f"clouder.{name}": api.create(f"clouder.{name}", values, clouder_no_deploy=True)
        for name, values in values_by_model.items()
    }


def _places(api, name, people):
    partner = api.create("res.partner", {"name": name, "is_company": True})
    made = _made(
        api,
        environment={
            "name": name,
            "prefix": name,
            "partner_id": partner,
            "user_ids": [(6, 0, people)],
        },
        domain={"name": f"{name}.test", "organisation": name},
        provider={"name": name, "kind": "dns"},
    )
    environments = [(6, 0, [made["clouder.environment"]])]
    return made | _made(
        api,
        node={
            "name": f"{name}.node.test",
            "engine_url": "tcp://127.0.0.1:1",
            "environment_ids": environments,
        },
    )


def _hosted(api, name, places):
    """Make services, a base with its lines, and a job that nobody can carry out."""

    def application(code):
        return api.find("clouder.application", ("code", "=", code))

    def service(code):
        values = {
            "application_id": application(code),
            "suffix": code,
            "environment_id": places["clouder.environment"],
            "node_id": places["clouder.node"],
        }
        return _made(api, service=values)["clouder.service"]

    postgres, odoo = service("postgres"), service("odoo")
    base = {
        "name": "shop",
        "title": name,
        "domain_id": places["clouder.domain"],
        "environment_id": places["clouder.environment"],
        "application_id": application("odoo"),
        "service_id": odoo,
        "poweruser_name": "boss",
    }
    made = {"clouder.service": odoo, **_made(api, base=base)}
    made["clouder.job"] = api("clouder.service", "deploy", [postgres])
    for line, owner in (
        ("base.option", ("base_id", "=", made["clouder.base"])),
        ("service.option", ("service_id", "child_of", [postgres, odoo])),
        ("service.port", ("service_id", "child_of", [postgres, odoo])),
        ("service.volume", ("service_id", "child_of", [postgres, odoo])),
    ):
        made[f"clouder.{line}"] = api.find(f"clouder.{line}", owner)
    return made


def _client(api, owner):
    """Make a portal user who works for a customer."""
    client = account(api, f"{owner.name}-client", OUTSIDERS["portal"])
    company = api.read(
        "clouder.environment", owner["clouder.environment"], "partner_id"
    )
    person = api.read("res.users", client.uid, "partner_id")
    api("res.partner", "write", [person[0]], {"parent_id": company[0]})
    return client


@pytest.fixture(scope="session")
def world(api):
    """Make both customers, and plant secrets at the second one."""
    token = secrets.token_hex(3)
    outsiders = {
        who: account(api, f"{token}-{who}", group) for who, group in OUTSIDERS.items()
    }
    own, foreign = (customer(api, f"{word}{token}") for word in ("own", "foe"))
    for model, fields in PLANTED.items():
        api(model, "write", [foreign[model]], dict.fromkeys(fields, f'"{CANARY}"'))
    client = _client(api, own)
    yield World(api, own, foreign, outsiders, client, CANARY)
    for one in (own, foreign):
        if api("clouder.job", "status", [one["clouder.job"]])["state"] not in (
            "done",
            "failed",
            "cancelled",
        ):
            api("clouder.job", "cancel", [one["clouder.job"]])


def browser_of(caller):
    """Return a browser in which a caller is logged in."""
    host, _, port = caller.url.rpartition("/")[2].partition(":")
    browser = Browser(host, port)
    assert browser.login(caller.login, caller.password)
    return browser


@pytest.fixture(scope="session")
def sql():
    """Return a function that changes what no door lets anybody change."""
    connection = psycopg2.connect(dbname=os.environ["CLOUDER_E2E_DB"])
    connection.autocommit = True

    def run(query, *values):
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    yield run
    connection.close()


@pytest.fixture(scope="session")
def shop(world):
    """Have Odoo on the website, its instances in a service of the one who attacks."""
    api = world.api
    application = api.find("clouder.application", ("code", "=", CODE))
    values = {"name": f"shop-{secrets.token_hex(3)}.test", "organisation": "Shop"}
    domain = api.create("clouder.domain", values, clouder_no_deploy=True)
    offer = {
        "web_published": True,
        "web_create_type": "base",
        "web_domain_ids": [(6, 0, [domain])],
        "web_max_per_customer": 0,
        "next_service_id": world.own["clouder.service"],
    }
    api("clouder.application", "write", [application], offer)
    yield Shop(api, domain)
    offer = {"web_published": False, "next_service_id": False}
    api("clouder.application", "write", [application], offer)


@pytest.fixture
def unlimited(api):
    """Have no limits of the order form, as an administrator can."""
    with setting(api, order_per_address="0", order_per_email="0"):
        yield
