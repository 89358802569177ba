"""Who is not logged in: what he is told, how often he may try, what a session is."""

import re
import secrets
import xmlrpc.client

import pytest
import requests

from .conftest import ROLES, account
from .visitors import Elsewhere

# Odoo counts failures by address: the one who guesses has another than these tests.
GUESSER = "127.0.0.66"
FAILURES = 12


def try_login(api, login, password, adapter=None):
    """Return (status, what the page says is wrong) of one try in a browser."""
    session = requests.Session()
    if adapter:
        session.mount("http://", adapter)
    page = session.get(f"{api.url}/web/login", timeout=60)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    answer = session.post(
        f"{api.url}/web/login",
        data={"login": login, "password": password, "csrf_token": token},
        allow_redirects=False,
        timeout=60,
    )
    alert = re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text, re.S)
    return answer.status_code, alert and " ".join(alert[1].split())


def test_who_is_a_user_is_not_told(world):
    known = world.own.callers["deployer"].login
    assert try_login(world.api, known, "wrong") == try_login(
        world.api, f"nobody-{secrets.token_hex(4)}", "wrong"
    )


def test_over_rpc_neither(world):
    common = xmlrpc.client.ServerProxy(f"{world.api.url}/xmlrpc/2/common")
    known = world.own.callers["deployer"].login
    answers = {
        common.authenticate(world.api.db, login, "wrong", {})
        for login in (known, f"nobody-{secrets.token_hex(4)}")
    }
    assert answers == {False}


def test_guessing_is_slowed_down(world):
    """After some failures even the right password waits."""
    victim = account(world.api, f"victim-{secrets.token_hex(4)}", ROLES["user"])
    for _ in range(FAILURES):
        guess = secrets.token_hex(4)
        assert try_login(world.api, victim.login, guess, Elsewhere(GUESSER))[0] == 200
    assert (
        try_login(world.api, victim.login, victim.password, Elsewhere(GUESSER))[0]
        != 303
    )
    assert try_login(world.api, victim.login, victim.password)[0] == 303


def test_no_script_reads_the_session(world):
    page = requests.get(f"{world.api.url}/web/login", timeout=60)
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie


def test_a_session_is_a_new_one_after_the_login(world):
    """A session id that somebody planted before is worth nothing afterwards."""
    caller = world.own.callers["deployer"]
    session = requests.Session()
    page = session.get(f"{world.api.url}/web/login", timeout=60)
    before = session.cookies["session_id"]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    session.post(
        f"{world.api.url}/web/login",
        data={
            "login": caller.login, "password": caller.password, "csrf_token": token,
        },
        allow_redirects=False,
        timeout=60,
    )  # fmt: skip
    assert session.cookies["session_id"] != before


def test_a_form_without_its_token(world):
    caller = world.own.callers["deployer"]
    answer = requests.post(
        f"{world.api.url}/web/login",
        data={"login": caller.login, "password": caller.password},
        allow_redirects=False,
        timeout=60,
    )
    assert answer.status_code == 400


def test_no_other_site_reads_answers(world):
    for path in ("/jsonrpc", "/json/2/clouder.base/search", "/xmlrpc/2/common"):
        answer = requests.options(
            f"{world.api.url}{path}",
            headers={
                "Origin": "https://evil.example",
                "Access-Control-Request-Method": "POST",
            },
            timeout=60,
        )
        assert "Access-Control-Allow-Origin" not in answer.headers, path


@pytest.mark.parametrize(
    "path", ["/web/database/manager", "/web/database/selector", "/web/database/list"]
)
def test_databases_are_nobodys_business(world, path):
    answer = requests.get(f"{world.api.url}{path}", timeout=60)
    assert world.api.db not in answer.text
    proxy = xmlrpc.client.ServerProxy(f"{world.api.url}/xmlrpc/2/db")
    with pytest.raises(xmlrpc.client.Fault):
        proxy.list()
    with pytest.raises(xmlrpc.client.Fault):
        proxy.dump("admin", world.api.db, "zip")
