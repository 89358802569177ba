"""What is said beside a page: cookies, and what browsers may do with the page."""

import http.cookies

import pytest

PUBLIC = ("/instances", "/instances/odoo", "/instances/embed/odoo", "/instances/sent")
OURS = {"session_id", "frontend_lang"}


def cookies(answer):
    """Return the cookies that an answer sets: name to morsel."""
    found = http.cookies.SimpleCookie()
    for line in answer.raw.headers.getlist("Set-Cookie"):
        found.load(line)
    return found


@pytest.fixture(scope="module")
def answers(shop, world):
    """Answers of all kinds: to strangers, to a customer, pages and forms."""
    visitor, progress = shop.confirmed()
    _typed, link = shop.asked()
    client = shop.visitor(world.client)
    return [
        *(shop.visitor().at(path) for path in PUBLIC),
        *(shop.visitor().at(path) for path in ("/web/login", link, progress)),
        shop.order(shop.visitor()),
        shop.visitor().at(f"{progress}/state"),
        visitor.at(progress),
        client.at("/my/instances"),
        client.at(f"/my/instances/{world.own['clouder.base']}"),
    ]


def test_no_script_and_no_other_host_gets_the_session(answers):
    seen = 0
    for answer in answers:
        for name, morsel in cookies(answer).items():
            assert name in OURS, answer.url
            assert not morsel["domain"], answer.url
            if name == "session_id":
                seen += 1
                assert morsel["httponly"], answer.url
                assert morsel["path"] == "/"
    assert seen


def test_the_token_of_an_order_is_in_no_cookie(shop):
    visitor, progress = shop.confirmed()
    token = progress.rpartition("/")[2]
    for value in visitor.cookies.values():
        assert token not in value


def test_a_new_visitor_is_a_new_session(shop):
    first, second = shop.visitor(), shop.visitor()
    assert first.token != second.token
    assert first.cookies["session_id"] != second.cookies["session_id"]


def test_what_a_page_holds_is_guessed_by_no_browser(shop):
    """What was uploaded as a picture is never run as a page of ours."""
    answer = shop.visitor().at("/instances/odoo/picture")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"].startswith("image/")


def test_private_pages_are_kept_nowhere(shop, world):
    visitor, progress = shop.confirmed()
    _typed, link = shop.asked()
    client = shop.visitor(world.client)
    own = f"/my/instances/{world.own['clouder.base']}"
    for answer in (
        visitor.at(progress), visitor.at(f"{progress}/state"), visitor.at(link),
        client.at("/my/instances"), client.at(own),
    ):  # fmt: skip
        assert answer.status_code == 200, answer.url
        assert answer.headers["Cache-Control"] == "no-store", answer.url
        if "state" not in answer.url:
            policy = answer.headers["Referrer-Policy"]
            assert policy in ("same-origin", "no-referrer"), answer.url
