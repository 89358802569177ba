"""Foreign sites: which may show the form, what it shows there, and who reads answers."""

import xmlrpc.client

import pytest

from .visitors import setting

ALLOWED, SECOND = "https://shop.example", "http://b.example:8080"
EVIL = "https://evil.example"
EMBEDDED = "/instances/embed/odoo"
SELF = "frame-ancestors 'self'"
INJECTED = (
    "*", "https://*", "https://*.example", "null", "data:", "'unsafe-inline'",
    "https://a.example;script-src *", "https://a.example/path", "a.example",
    "https://a.example\r\nSet-Cookie: a=b",
)  # fmt: skip


def framing(page):
    """Return who may frame a page: the policy, and the older header."""
    headers = page.headers
    return headers.get("Content-Security-Policy"), headers.get("X-Frame-Options")


def test_nobody_frames_it_by_itself(shop):
    page = shop.visitor().at(EMBEDDED)
    assert page.status_code == 200
    assert framing(page) == (SELF, "SAMEORIGIN")


def test_the_sites_of_the_setting_frame_it(shop):
    with setting(shop.api, order_embed_origins=f"{ALLOWED}, {SECOND}"):
        page = shop.visitor().at(EMBEDDED)
    assert framing(page) == (f"{SELF} {ALLOWED} {SECOND}", None)


@pytest.mark.parametrize("origin", INJECTED)
def test_what_is_no_origin_is_left_out(shop, origin):
    """Also when it came into the settings without their check."""
    with setting(shop.api, order_embed_origins=f"{ALLOWED} {origin}"):
        page = shop.visitor().at(EMBEDDED)
    policy = page.headers["Content-Security-Policy"]
    assert ALLOWED in policy.split()
    assert "*" not in policy
    assert ";" not in policy
    assert "a=b" not in page.headers.get("Set-Cookie", "")


def test_the_settings_take_no_wildcard(world):
    for origin in ("*", "https://*.example", "https://a.example/path"):
        values = {"clouder_order_embed_origins": origin}
        with pytest.raises(xmlrpc.client.Fault, match="is no origin"):
            world.api("res.config.settings", "create", [values])


def test_no_other_page_is_framed(shop, world):
    """The order itself is made on a page that no other site may show."""
    visitor, progress = shop.confirmed()
    _typed, link = shop.asked()
    client = shop.visitor(world.client)
    own = f"/my/instances/{world.own['clouder.base']}"
    with setting(shop.api, order_embed_origins=ALLOWED):
        pages = [
            visitor.at(path)
            for path in ("/instances", "/instances/odoo", "/instances/form/odoo",
                         "/instances/sent", progress, link)
        ] + [client.at(path) for path in ("/my/instances", own)]  # fmt: skip
    for page in pages:
        assert page.status_code == 200, page.url
        assert framing(page) == (SELF, "SAMEORIGIN"), page.url


def test_the_frame_shows_nothing_of_who_is_logged_in(shop, world):
    """And holds no token: what is done in it, is done on our own page."""
    client = shop.visitor(world.client)
    [values] = world.api("res.users", "read", [world.client.uid], ["name", "email"])
    assert values["email"] in client.at("/instances/odoo").text
    page = client.at(EMBEDDED).text
    for word in (values["email"], values["name"], world.own.name, 'name="csrf_token"'):
        assert word not in page, word


@pytest.mark.parametrize("path", [
    "/instances", "/instances/odoo", EMBEDDED, "/instances/form/odoo",
    "/instances/check", "/instances/choices", "/instances/order", "/my/instances",
])  # fmt: skip
def test_no_other_site_reads_an_answer(shop, path):
    visitor = shop.visitor()
    asked = {"Origin": EVIL, "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    with setting(shop.api, order_embed_origins=ALLOWED):
        answers = [
            visitor.options(f"{visitor.url}{path}", headers=asked, timeout=60),
            visitor.at(path, headers={"Origin": EVIL}),
            visitor.post(
                f"{visitor.url}{path}", json={}, headers={"Origin": EVIL}, timeout=60
            ),
        ]
    for answer in answers:
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_another_site_cannot_send_the_form(shop):
    """A foreign page knows no token, and its browser sends our cookie along."""
    visitor = shop.visitor()
    assert visitor.token
    typed = shop.typed(csrf_token="")
    answer = visitor.submit("/instances/order", {"Origin": EVIL}, **typed)
    assert answer.status_code == 400
    assert not shop.orders(email=typed["email"])
