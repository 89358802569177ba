"""Who is a customer is told by no answer.

That it costs the same work to answer is shown where work can be counted: in the tests
of clouder_website.
"""

import secrets
import xmlrpc.client

import pytest

from .visitors import essence, path_of


def nobody():
    return f"nobody-{secrets.token_hex(5)}@stranger.test"


@pytest.fixture(scope="module")
def known(shop, world):
    """The address of a customer."""
    [values] = shop.api("res.users", "read", [world.client.uid], ["login", "email"])
    if values["email"] != values["login"]:
        shop.api("res.users", "write", [world.client.uid], {"login": values["email"]})
        world.client.login = values["email"]
    return values["email"]


def test_the_order_form_says_the_same(shop, unlimited, known):
    unknown = nobody()
    visitors = {email: shop.visitor() for email in (known, unknown)}
    answers = {}
    for email, visitor in visitors.items():
        answer = shop.order(visitor, email=email)
        answers[email] = (
            answer.status_code,
            sorted(answer.headers),
            essence(visitor.at(path_of(answer))),
            len(shop.mails(email)),
        )
    assert answers[known] == answers[unknown]


def test_a_refused_login_says_the_same(shop, known):
    answers = []
    for login in (known, nobody()):
        visitor = shop.visitor()
        answer = visitor.submit("/web/login", login=login, password="wrong")
        status, place, text = essence(answer)
        answers.append((status, place, text.replace(login, "LOGIN")))
    assert answers[0] == answers[1]


def test_over_rpc_it_is_refused_the_same(shop, known):
    answers = []
    for login in (known, nobody()):
        asked = xmlrpc.client.dumps((shop.api.db, login, "wrong", {}), "authenticate")
        # After some failures of an address Odoo does not look any more.
        answer = shop.visitor().post(f"{shop.api.url}/xmlrpc/2/common", data=asked)
        answers.append(answer.content)
    assert answers[0] == answers[1]


def test_a_forgotten_password_says_the_same(shop, known):
    answers = []
    for login in (known, nobody()):
        visitor = shop.visitor()
        answer = visitor.submit("/web/reset_password", login=login)
        status, place, text = essence(answer)
        answers.append((status, place, text.replace(login, "LOGIN")))
    assert answers[0] == answers[1]


def test_nobody_signs_up_without_an_order(shop):
    visitor = shop.visitor()
    email = nobody()
    typed = {"login": email, "name": "x", "password": "secret-enough",
             "confirm_password": "secret-enough"}  # fmt: skip
    assert visitor.submit("/web/signup", **typed).status_code == 404
    assert not shop.api.find("res.users", ("login", "=", email))
