"""The links that are secrets: of the confirmation, and of the page of an order."""

import hashlib
import os
import pathlib
import secrets

import pytest

from .visitors import essence, path_of

GHOST = 2_000_000_000
PROGRESS = "/instances/progress"
VERBS = ("", "/state", "/retry", "/enter")


def visit(visitor, path):
    """Open a page of an order, or send its form; return the answer."""
    if path.endswith(("/retry", "/enter")):
        return visitor.submit(path)
    return visitor.at(path)


@pytest.fixture(scope="module")
def pages(shop):
    """Two strangers' orders: each (visitor, number, token)."""
    found = []
    for _ in range(2):
        visitor, path = shop.confirmed()
        number, token = path.split("/")[-2:]
        found.append((visitor, int(number), token))
    return found


def wrong_tokens(token, other):
    """Return what somebody might try in the place of ``token``."""
    return (
        other, "x", "0", "%00", "None", token[:-1], f"{token}x", token.swapcase(),
        hashlib.sha256(token.encode()).hexdigest(), "*", "%25", secrets.token_urlsafe(32),
    )  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_an_order_is_shown_to_who_has_its_token(shop, pages, verb):
    (visitor, number, token), (_other, _number, other) = pages
    for guess in wrong_tokens(token, other):
        numbers = (number, GHOST)
        answers = [
            essence(visit(visitor, f"{PROGRESS}/{one}/{guess}{verb}"), *numbers, guess)
            for one in numbers
        ]
        assert answers[0] == answers[1], guess
        assert answers[0][0] == 404, guess


def test_the_token_is_the_right_one(shop, pages):
    """Else the test above would pass for want of a page."""
    for _visitor, number, token in pages:
        stranger = shop.visitor()
        for verb in ("", "/state"):
            answer = stranger.at(f"{PROGRESS}/{number}/{token}{verb}")
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_way_in_is_no_use_before_the_instance_runs(pages):
    visitor, number, token = pages[0]
    answer = visitor.submit(f"{PROGRESS}/{number}/{token}/enter")
    assert path_of(answer) == f"{PROGRESS}/{number}/{token}"


def test_the_page_tells_nothing_of_the_machinery(shop, world, pages):
    _visitor, number, token = pages[0]
    path = f"{PROGRESS}/{number}/{token}"
    for page in (shop.visitor().at(path), shop.visitor().at(f"{path}/state")):
        for word in (world.own.name, "127.0.0.1:1", "Traceback", "tcp://"):
            assert word not in page.text.replace(path, "")


def test_what_is_no_token_confirms_nothing(shop):
    typed, link = shop.asked()
    token = link.rpartition("/")[2]
    visitor = shop.visitor()
    for guess in wrong_tokens(token, secrets.token_urlsafe(32)):
        for call in (visitor.at, visitor.submit):
            answer = call(f"/instances/confirm/{guess}")
            assert answer.status_code == 404, guess
            assert typed["name"] not in answer.text
    assert shop.orders(email=typed["email"])[0]["state"] == "new"


def test_to_open_the_link_confirms_nothing(shop):
    """Programs that look at mail open the links in it."""
    typed, link = shop.asked()
    for _ in range(3):
        answer = shop.visitor().at(link)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert shop.orders(email=typed["email"])[0]["state"] == "new"


def test_a_link_is_used_once(shop):
    _typed, link = shop.asked()
    visitor, other = shop.visitor(), shop.visitor()
    progress = path_of(visitor.submit(link))
    assert visitor.at(progress).status_code == 200
    for answer in (other.at(link), other.submit(link)):
        assert answer.status_code == 410
        assert PROGRESS not in answer.text
        assert progress.rpartition("/")[2] not in answer.text


def test_the_token_of_the_mail_is_not_the_one_of_the_page(shop):
    _typed, link = shop.asked()
    visitor = shop.visitor()
    number, token = path_of(visitor.submit(link)).split("/")[-2:]
    mailed = link.rpartition("/")[2]
    assert mailed != token
    assert visitor.at(f"{PROGRESS}/{number}/{mailed}").status_code == 404
    assert shop.visitor().at(f"/instances/confirm/{token}").status_code == 404


def test_a_link_has_an_end(shop, sql):
    typed, link = shop.asked()
    sql(
        "UPDATE clouder_order SET token_expires = now() AT TIME ZONE 'utc' - interval "
        "'1 second' WHERE email = %s",
        typed["email"],
    )
    visitor = shop.visitor()
    for answer in (visitor.at(link), visitor.submit(link)):
        assert answer.status_code == 410
    [order] = shop.orders(email=typed["email"])
    assert (order["state"], order["base_id"]) == ("expired", False)
    assert shop.order(shop.visitor(), name=typed["name"]).status_code == 303


def test_an_order_that_was_taken_back_is_not_confirmed(shop):
    typed, link = shop.asked()
    [order] = shop.orders(email=typed["email"])
    shop.api("clouder.order", "action_cancel", [order["id"]])
    assert shop.visitor().submit(link).status_code == 410
    assert not shop.orders(email=typed["email"])[0]["base_id"]


def test_the_database_has_no_token(shop, sql):
    _typed, link = shop.asked()
    _visitor, progress = shop.confirmed()
    for token in (link.rpartition("/")[2], progress.rpartition("/")[2]):
        found = sql(
            "SELECT id FROM clouder_order o WHERE o::text LIKE %s", f"%{token}%"
        )
        assert not found
        digest = hashlib.sha256(token.encode()).hexdigest()
        assert sql(
            "SELECT id FROM clouder_order WHERE %s IN (token_digest, progress_digest)",
            digest,
        )


def test_the_log_has_no_token(shop):
    """Who reads the log of the server cannot go on in the place of a customer."""
    _typed, link = shop.asked()
    visitor, progress = shop.confirmed()
    shop.visitor().at(link)
    for path in (f"{progress}/state", f"{progress}?x=1"):
        assert visitor.at(path).status_code == 200
    log = pathlib.Path(os.environ["CLOUDER_E2E_STATE"], "odoo.log").read_text()
    number = progress.split("/")[-2]
    assert f"{PROGRESS}/{number}/***/state" in log
    for token in (link.rpartition("/")[2], progress.rpartition("/")[2]):
        assert token not in log
