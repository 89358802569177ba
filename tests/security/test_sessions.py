"""When a session ends: at a logout, everywhere, and with what it was opened by."""

import secrets

import pytest

from .conftest import OUTSIDERS, account, browser_of
from .visitors import path_of

HOME = "/my/instances"


@pytest.fixture
def someone(api):
    """A portal user of his own, whose sessions the tests end."""
    return account(api, f"session-{secrets.token_hex(4)}", OUTSIDERS["portal"])


def inside(visitor):
    """Tell whether a visitor is logged in."""
    answer = visitor.at(HOME)
    assert answer.status_code in (200, 303), answer.status_code
    return answer.status_code == 200


def test_a_session_that_was_left_opens_nothing(shop, someone):
    visitor, thief = shop.visitor(someone), shop.visitor()
    thief.cookies.update(visitor.cookies)
    assert inside(thief)
    visitor.at("/web/session/logout")
    assert not inside(visitor)
    assert not inside(thief)


def test_a_session_of_before_the_login_is_worth_nothing(shop, someone):
    visitor, planter = shop.visitor(), shop.visitor()
    assert visitor.token
    planter.cookies.update(visitor.cookies)
    visitor.log_in(someone)
    assert inside(visitor)
    assert not inside(planter)


def test_a_session_that_somebody_made_up_is_worth_nothing(shop, someone):
    visitor, planter = shop.visitor(), shop.visitor()
    planted = secrets.token_urlsafe(63)
    for one in (visitor, planter):
        one.cookies.set("session_id", planted, domain="127.0.0.1", path="/")
    visitor.log_in(someone)
    assert inside(visitor)
    assert not inside(planter)


def test_a_new_password_ends_all_sessions(shop, someone):
    visitors = [shop.visitor(someone) for _ in range(3)]
    assert all(map(inside, visitors))
    values = {"password": secrets.token_urlsafe(12)}
    shop.api("res.users", "write", [someone.uid], values)
    assert not any(map(inside, visitors))


def test_a_closed_account_ends_all_sessions(shop, someone):
    visitor = shop.visitor(someone)
    assert inside(visitor)
    shop.api("res.users", "write", [someone.uid], {"active": False})
    assert not inside(visitor)


def test_logout_everywhere(shop, someone):
    others = [shop.visitor(someone) for _ in range(2)]
    assert all(map(inside, others))
    browser = browser_of(someone)
    asked = ("res.users", "action_revoke_all_devices", [someone.uid])
    shown = browser.call(*asked)
    if shown.get("res_model") == "res.users.identitycheck":
        browser.call(
            "res.users.identitycheck", "run_check", [shown["res_id"]],
            context={"password": someone.password},
        )  # fmt: skip
    assert not any(map(inside, others))
    assert browser.request(HOME)[0] == 200, "this one stays"


def test_who_leaves_takes_his_order_along(shop, world):
    """The next one at the same machine does not find it."""
    visitor = shop.visitor(world.client)
    progress = path_of(shop.order(visitor))
    assert progress.startswith("/instances/progress/")
    visitor.at("/web/session/logout")
    visitor.__dict__.pop("token", None)
    for path in ("/instances", "/instances/odoo"):
        page = visitor.at(path)
        assert progress.rpartition("/")[2] not in page.text
        assert world.own.name not in page.text
