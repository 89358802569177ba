"""A customer's power user rules his colleagues, not the base; so not the service either."""

import os
import xmlrpc.client

import pytest
import requests

from ..client import Browser
from ..conftest import DOMAIN

LOGIN = "boss@e2e.example"
HOST = f"ruled.{DOMAIN}"
CURE = "role Administrator"


class Person:
    """Somebody with an account in a base, over XML-RPC through the proxy."""

    def __init__(self, host, login, password):
        self.host, self.login, self.password = host, login, password
        self.browser = Browser(host)
        self.uid = self._ask("common", "authenticate", host, login, password, {})
        assert self.uid, f"{login} cannot log in to {host}"

    def __call__(self, model, method, *args, **named):
        return self._ask(
            "object", "execute_kw", self.host, self.uid, self.password,
            model, method, args, named,
        )  # fmt: skip

    def _ask(self, door, method, *args):
        body = xmlrpc.client.dumps(args, method, allow_none=True)
        status, _headers, text = self.browser.request(
            f"/xmlrpc/2/{door}", body, {"Content-Type": "text/xml"}
        )
        assert status == 200, text[:500]
        return xmlrpc.client.loads(text)[0][0]

    def ref(self, name):
        """Return the id behind an external id of *base*."""
        [row] = self(
            "ir.model.data", "search_read",
            [["module", "=", "base"], ["name", "=", name]], ["res_id"],
        )  # fmt: skip
        return row["res_id"]


@pytest.fixture(scope="module")
def accounts(infra):
    """Make a base; return its power user and its administrator."""
    base = infra.running_base("ruled", poweruser_name=LOGIN, poweruser_email=LOGIN)
    known = infra.api.read(
        "clouder.base", base, "admin_name", "admin_password", "poweruser_password"
    )
    return (
        Person(HOST, LOGIN, known["poweruser_password"]),
        Person(HOST, known["admin_name"], known["admin_password"]),
    )


def raising(boss):
    """Yield the calls that would give the power user all rights: model, method, args."""
    system, rights = boss.ref("group_system"), boss.ref("group_erp_manager")
    up = {"group_ids": [(4, system)]}
    new = {"name": "New", "login": "new@e2e.example", **up}
    yield "res.users", "write", [boss.uid], up
    yield "res.users", "create", [new]
    yield "res.company", "write", [1], {"user_ids": [(1, boss.uid, up)]}
    yield "res.groups", "write", [system], {"user_ids": [(4, boss.uid)]}
    yield "res.groups", "write", [rights], {"implied_ids": [(4, system)]}
    yield "res.groups", "create", [{"name": "G", "implied_ids": [(4, system)]}]
    name = boss("ir.model.data", "search", [["name", "=", "group_system"]])
    yield "ir.model.data", "write", name, {"res_id": rights}
    server = boss("ir.model", "search", [["model", "=", "ir.actions.server"]])[0]
    access = {"name": "A", "model_id": server, "group_id": rights, "perm_create": True}
    yield "ir.model.access", "create", [access]


def code(boss):
    """Yield the calls that would let the server run what the power user writes."""
    person = boss.ref("model_res_partner")
    field = {
        "name": "x_code", "model_id": person, "ttype": "char",
        "compute": "self.env.registry", "depends": "name",
    }  # fmt: skip
    yield "ir.model.fields", "create", [field]
    rule = {"name": "R", "model_id": person, "domain_force": "user.env.registry"}
    yield "ir.rule", "create", [rule]
    yield "ir.model", "create", [{"name": "X", "model": "x_own"}]


def taking(boss, admin):
    """Yield the calls that would take the account of the administrator."""
    for values in (
        {"password": "taken-password-1"},
        {"login": "taken"},
        {"email": LOGIN},
        {"active": False},
    ):
        yield "res.users", "write", [admin.uid], values
    [user] = boss("res.users", "read", [admin.uid], ["partner_id"])
    new = {"name": "N", "login": "n@e2e.example", "partner_id": user["partner_id"][0]}
    yield "res.users", "create", [new]
    yield "res.users.deletion", "create", [{"user_id": admin.uid}]


def refused(boss, calls):
    """Return the calls that were not refused as they should."""
    wrong = []
    for model, method, *args in calls:
        try:
            answer = boss(model, method, *args)
        except xmlrpc.client.Fault as fault:
            answer = fault.faultString
        if CURE not in str(answer):
            wrong.append((model, method, args, answer))
    return wrong


def test_he_is_no_administrator_afterwards(accounts):
    boss, admin = accounts
    assert not refused(boss, raising(boss))
    assert not boss("res.users", "has_group", [boss.uid], "base.group_system")
    assert admin("res.users", "has_group", [admin.uid], "base.group_system")


def test_he_writes_no_code(accounts):
    boss, _admin = accounts
    assert not refused(boss, code(boss))
    port = os.environ["CLOUDER_E2E_PROXY_HTTP"]
    reply = requests.post(
        f"http://127.0.0.1:{port}/base_import_module/login_upload",
        headers={"Host": f"{HOST}:{port}"},
        data={"login": boss.login, "password": boss.password, "force": "1"},
        files={"mod_file": ("own.zip", b"no matter what")},
        timeout=60,
    )
    assert reply.status_code == 500
    assert "Only administrators" in reply.text


def test_he_does_not_take_the_account_of_the_administrator(accounts):
    boss, admin = accounts
    # Else he could not write contacts at all.
    creation = boss.ref("group_partner_manager")
    boss("res.users", "write", [boss.uid], {"group_ids": [(4, creation)]})
    assert not refused(boss, taking(boss, admin))
    [user] = boss("res.users", "read", [admin.uid], ["partner_id"])
    person = user["partner_id"][0]
    other = boss("res.partner", "create", [{"name": "O", "email": LOGIN}])[0]
    merge = boss("base.partner.merge.automatic.wizard", "create", [
        {"partner_ids": [(6, 0, [person, other])], "dst_partner_id": other},
    ])  # fmt: skip
    calls = [
        ("res.partner", "write", [person], {"email": LOGIN}),
        ("base.partner.merge.automatic.wizard", "action_merge", merge),
    ]
    assert not refused(boss, calls)
    assert Browser(HOST).login(admin.login, admin.password)


def test_he_invites_colleagues_as_ever(accounts):
    boss, _admin = accounts
    creation = boss.ref("group_partner_manager")
    boss("res.users", "write", [boss.uid], {"group_ids": [(4, creation)]})
    groups = [boss.ref(name) for name in ("group_user", "group_erp_manager")]
    values = {
        "name": "Anna", "login": "anna@e2e.example", "email": "anna@e2e.example",
        "group_ids": [(6, 0, groups)],
    }  # fmt: skip
    [anna] = boss("res.users", "create", [values])
    boss("res.users", "write", [anna], {"password": "first-password-1"})
    colleague = Person(HOST, values["login"], "first-password-1")
    colleague("res.users", "write", [anna], {"email": "a@e2e.example", "tz": "UTC"})
    assert not refused(colleague, raising(colleague))
    boss("res.users", "write", [anna], {"group_ids": [(4, creation)]})
    boss("res.users", "write", [anna], {"active": False})
    boss("res.users", "unlink", [anna])


def test_the_administrator_goes_on(accounts):
    boss, admin = accounts
    [group] = admin("res.groups", "create", [{"name": "Of the administrator"}])
    admin("res.users", "write", [boss.uid], {"group_ids": [(4, group)]})
    admin("res.groups", "unlink", [group])
