"""Who is a customer is told by no answer, and by no time that an answer takes."""

import secrets
import statistics
import time
import xmlrpc.client

import pytest

from .visitors import essence, path_of

RUNS = 15
# Checking a password takes ten times what a page takes; the machine may be busy.
FACTOR = 2.5


def slower(first, second):
    """Return how many times slower one of two calls is, by the median of many runs.

    They take turns: what else the machine does meets both.
    """
    times = ([], [])
    for _ in range(RUNS):
        for call, seconds in zip((first, second), times, strict=True):
            begin = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - begin)
    medians = [statistics.median(one) for one in times]
    return max(medians) / min(medians)


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


def test_the_order_form_takes_the_same_time(shop, unlimited, known):
    visitor = shop.visitor()
    assert slower(
        lambda: shop.order(visitor, email=known),
        lambda: shop.order(visitor, email=nobody()),
    ) < FACTOR  # fmt: skip


def log_in(shop, login):
    """Try a wrong password, each time from another address."""
    visitor = shop.visitor()
    typed = {"login": login, "password": "wrong", "csrf_token": visitor.token}
    begin = time.perf_counter()
    answer = visitor.send("/web/login", **typed)
    return time.perf_counter() - begin, answer


def test_the_login_takes_the_same_time(shop, known):
    times = {True: [], False: []}
    for _ in range(RUNS):
        for login in (known, nobody()):
            seconds, answer = log_in(shop, login)
            assert answer.status_code == 200
            times[login == known].append(seconds)
    medians = [statistics.median(one) for one in times.values()]
    assert max(medians) / min(medians) < FACTOR, medians


def test_over_rpc_it_takes_the_same_time(shop, known):
    def try_login(login):
        asked = xmlrpc.client.dumps((shop.api.db, login, "wrong", {}), "authenticate")
        # After some failures of an address Odoo does not look any more.
        answer = shop.visitor().post(f"{shop.api.url}/xmlrpc/2/common", data=asked)
        assert xmlrpc.client.loads(answer.content)[0] == (False,)

    found = slower(lambda: try_login(known), lambda: try_login(nobody()))
    assert found < FACTOR


def test_a_forgotten_password_says_the_same(shop, known):
    answers = []
    for login in (known, nobody()):
        visitor = shop.visitor()
        answer = visitor.send("/web/reset_password", login=login)
        status, place, text = essence(answer)
        answers.append((status, place, text.replace(login, "LOGIN")))
    assert answers[0] == answers[1]


def test_nobody_signs_up_without_an_order(shop):
    visitor = shop.visitor()
    email = nobody()
    typed = {"login": email, "name": "x", "password": "secret-enough",
             "confirm_password": "secret-enough"}  # fmt: skip
    assert visitor.send("/web/signup", **typed).status_code == 404
    assert not shop.api.find("res.users", ("login", "=", email))
