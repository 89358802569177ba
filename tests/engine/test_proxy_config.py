"""The proxy's configuration in a real nginx, as Clouder runs it: routing, TLS, reload."""

import socket
import ssl
import subprocess

import pytest
from nginx_machine import (
    DOCKERFILE,
    IMAGE,
    NOW,
    Proxy,
    certificate,
    docker,
    publication,
    render,
    routes,
)


@pytest.fixture(scope="module")
def api():
    client = docker.APIClient(base_url="unix:///var/run/docker.sock", timeout=120)
    try:
        client.ping()
    except docker.errors.DockerException:
        pytest.skip("no Docker Engine on the local socket")
    subprocess.run(
        ["docker", "build", "--quiet", "--tag", IMAGE, "-"],
        input=DOCKERFILE.encode(),
        env={"DOCKER_BUILDKIT": "0", "PATH": "/usr/local/bin:/usr/bin:/bin"},
        check=True,
    )
    return client


@pytest.fixture(scope="module")
def proxy(api):
    made = Proxy(api)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_routes_by_host(proxy):
    proxy.publish(proxy.route("one.example.com"), proxy.route("default"))
    assert proxy.get("one.example.com", "/a%20b?c=%26")[2].startswith(
        "GET /a%20b?c=%26 "
    )
    assert proxy.get("ONE.example.com.:8080")[0] == 200
    assert proxy.get("default")[0] == 200
    assert proxy.get("one.example.com", tls=True)[0] == 200


def test_headers_of_the_visitor_are_replaced(proxy):
    proxy.publish(proxy.route("one.example.com"))
    lies = [
        (name, "evil.example.org")
        for name in (
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
            "X-Real-IP",
            "Forwarded",
            "X-Forwarded-Prefix",
            "X-Forwarded-Server",
            "X-Forwarded-Port",
            "Proxy",
        )
    ]
    body = proxy.get("one.example.com:1234", headers=lies)[2]
    assert "evil" not in body
    assert "Host: one.example.com:1234\r\n" in body
    assert "X-Forwarded-Host: one.example.com:1234\r\n" in body
    assert "X-Forwarded-Proto: http\r\n" in body
    secure = proxy.get("one.example.com", tls=True)[2]
    assert "X-Forwarded-Proto: https\r\n" in secure


def test_the_request_line_cannot_smuggle_another_host(proxy):
    proxy.publish(
        proxy.route("one.example.com"), proxy.route("two.example.com", suspended=True)
    )
    status, _, body = proxy.get("two.example.com", "http://one.example.com/")
    assert status == 200
    assert "two.example.com" not in body


def test_unknown_and_suspended_hosts_get_a_page(proxy):
    proxy.publish(proxy.route("two.example.com", suspended=True))
    for tls in (False, True):
        status, headers, body = proxy.get("nobody.example.com", tls=tls)
        assert (status, headers["x-clouder-proxy"]) == (404, "unknown")
        assert "Nothing here" in body
        assert headers["server"] == "nginx"
        status, headers, _ = proxy.get("two.example.com", tls=tls)
        assert (status, headers["x-clouder-proxy"]) == (503, "suspended")
        assert (headers["cache-control"], headers["retry-after"]) == (
            "no-store",
            "3600",
        )


@pytest.mark.parametrize(
    ("asked", "lang", "title"),
    [
        ("", "en", "This site is taking a break"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr", "Ce site fait une pause"),
        ("fro", "en", "This site is taking a break"),
        ("de", "en", "This site is taking a break"),
    ],
)
def test_pages_speak_the_language_of_the_visitor(proxy, asked, lang, title):
    proxy.publish(proxy.route("two.example.com", suspended=True))
    headers = [("Accept-Language", asked)] if asked else []
    _, _, body = proxy.get("two.example.com", headers=headers)
    assert f'<html lang="{lang}">' in body
    assert f"<h1>{title}</h1>" in body


def test_an_own_domain_tells_the_base_whom_it_stands_for(proxy):
    own = proxy.route(
        "shop.example.org", known_as="one.example.com", alias="www.shop.example.org"
    )
    proxy.publish(proxy.route("one.example.com"), own)
    lie = [("X-Clouder-Host", "victim.example.com")]
    body = proxy.get("shop.example.org", headers=lie)[2]
    assert "Host: shop.example.org\r\n" in body
    assert "X-Clouder-Host: one.example.com\r\n" in body
    assert "X-Clouder-Host" not in proxy.get("one.example.com", headers=lie)[2]
    status, headers, _ = proxy.get("www.shop.example.org", "/x")
    assert (status, headers["location"]) == (308, "http://shop.example.org/x")
    for path in ("/", "/websocket"):
        assert "victim" not in proxy.get("one.example.com", path, headers=lie)[2]


def test_a_backend_that_is_gone_gets_a_page(proxy):
    proxy.publish(routes.Route("three.example.com", "no-such-container", 8069))
    status, headers, _ = proxy.get("three.example.com")
    assert (status, headers["x-clouder-proxy"]) == (502, "unreachable")


def test_a_backend_cannot_pretend_to_be_the_page(proxy):
    proxy.publish(proxy.route("one.example.com"))
    assert "x-clouder-proxy" not in proxy.get("one.example.com")[1]


def test_www_goes_to_the_bare_domain(proxy):
    proxy.publish(proxy.route("example.com", alias="www.example.com"))
    status, headers, _ = proxy.get(f"www.example.com:{proxy.http}", "/x?y=1")
    assert (status, headers["location"]) == (
        308,
        f"http://example.com:{proxy.http}/x?y=1",
    )
    _, headers, _ = proxy.get("www.example.com", tls=True)
    assert headers["location"] == "https://example.com/"


def test_ssl_only_goes_to_https_with_its_port(proxy):
    proxy.publish(proxy.route("safe.example.com", secure=True))
    status, headers, _ = proxy.get(f"safe.example.com:{proxy.http}", "/x?y=1")
    assert status == 307
    assert headers["location"] == f"https://safe.example.com:{proxy.https}/x?y=1"
    assert proxy.get("safe.example.com", tls=True)[0] == 200


def test_websocket_and_longpolling(proxy):
    proxy.publish(proxy.route("one.example.com"))
    assert proxy.get("one.example.com", "/websocket/health")[2] == "longpolling\n"
    with socket.create_connection(("127.0.0.1", proxy.http), 10) as visitor:
        visitor.sendall(
            b"GET /websocket HTTP/1.1\r\nHost: one.example.com\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        assert b"101 Switching" in visitor.recv(4096)
        visitor.sendall(b"hello")
        assert visitor.recv(5) == b"hello"


def test_a_body_that_is_too_long_is_refused(proxy):
    proxy.publish(proxy.route("one.example.com"))
    answer = proxy.get("one.example.com", method="POST", body=b"x" * (3 * 1024 * 1024))
    assert answer[0] == 413


def test_own_certificate_and_default_one(proxy):
    own = certificate.self_signed("own.example.com", NOW)
    key, chain = own.split("-----BEGIN CERTIFICATE-----")
    pem = certificate.check_pair(f"-----BEGIN CERTIFICATE-----{chain}", key)
    block = render.Block(("own.example.com",), "token")
    proxy.blocks, proxy.pems = [block], {block.file: pem}
    proxy.publish(proxy.route("own.example.com"), proxy.route("one.example.com"))
    try:
        served = proxy.served_certificate("own.example.com")
        assert served == ssl.PEM_cert_to_DER_cert(f"-----BEGIN CERTIFICATE-----{chain}")
        assert proxy.served_certificate("one.example.com") != served
        assert proxy.get("own.example.com", tls=True)[0] == 200
        assert proxy.get("own.example.com")[0] == 200
    finally:
        proxy.blocks, proxy.pems = [], {}


@pytest.mark.filterwarnings("ignore:.*TLSv1_1 is deprecated")
def test_old_tls_is_refused(proxy):
    proxy.publish(proxy.route("one.example.com"))
    old = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, OSError)):
        proxy.served_certificate(
            "one.example.com", minimum_version=old, maximum_version=old
        )


def test_a_generation_is_told_only_when_all_workers_serve_it(proxy):
    kept = []
    for number in range(5):
        kept.append(proxy.route(f"new{number}.example.com"))
        before = proxy.live()
        generation = proxy.publish(*kept)
        assert generation > before.generation
        answers = {proxy.get(f"new{number}.example.com")[0] for _ in range(40)}
        assert answers == {200}


def test_publishing_the_same_writes_nothing(proxy):
    first = proxy.publish(proxy.route("one.example.com"))
    assert proxy.publish(proxy.route("one.example.com")) == first


def test_a_broken_configuration_keeps_the_old_one(proxy):
    proxy.publish(proxy.route("one.example.com"))
    live = proxy.live()
    broken = publication.next_live(live, 0, render.Part("maps", "nonsense;", "x"), None)
    path, content = publication.part_file(broken, render.Part("maps", "nonsense;", "x"))
    files = [
        (path, content),
        publication.pointer_file(broken, publication.CANDIDATE),
        (publication.CANDIDATE_MAIN, render.render_main(publication.CANDIDATE)),
    ]
    proxy.put(render.CONF, files)
    status, output = proxy.run("nginx", "-t", "-q", "-c", publication.CANDIDATE_MAIN)
    assert status != 0
    assert 'unknown directive "nonsense"' in output
    proxy.api.kill(proxy.name, "HUP")
    assert proxy.live() == live
    assert proxy.get("one.example.com")[0] == 200


def test_it_comes_back_with_what_it_served(proxy):
    generation = proxy.publish(proxy.route("one.example.com"))
    proxy.api.restart(proxy.name)
    proxy.wait_live()
    assert proxy.live().generation == generation
    assert proxy.get("one.example.com")[0] == 200


def test_fifty_thousand_hosts(proxy):
    many = [
        proxy.route(
            f"base{number}.customer{number % 100}.example.org", secure=number % 2 == 0
        )
        for number in range(50_000)
    ]
    proxy.publish(*many)
    proxy.publish(*many, proxy.route("last.example.org"))
    assert proxy.get("last.example.org")[0] == 200
    assert proxy.get("base49999.customer99.example.org")[0] == 200
    assert "could not build" not in proxy.api.logs(proxy.name).decode()


TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
ASKED = f"/.well-known/acme-challenge/{TOKEN}"


@pytest.fixture
def answered(proxy):
    """Have the proxy answer a challenge for one host; return that host."""
    host = "proven.example.com"
    proxy.run("mkdir", "-p", "--", render.CHALLENGES)
    proxy.put(render.CONF, [(f"{render.CHALLENGES}/{host}@{TOKEN}", b"the-proof")])
    yield host
    proxy.run("rm", "-r", "--", render.CHALLENGES)


@pytest.mark.parametrize("more", [{}, {"secure": True}, {"suspended": True}])
def test_a_challenge_is_answered_before_any_other_rule(proxy, answered, more):
    proxy.publish(proxy.route(answered, **more))
    status, headers, body = proxy.get(answered, ASKED)
    assert (status, body) == (200, "the-proof")
    assert headers["content-type"] == "text/plain"
    assert proxy.get(answered, ASKED, tls=True)[::2] == (200, "the-proof")
    assert proxy.get(f"{answered.upper()}.:80", f"/{ASKED}")[2] == "the-proof"


def test_a_challenge_is_answered_for_an_alias_and_a_host_that_is_not_served(
    proxy, answered
):
    proxy.publish(proxy.route("www.example.com", alias=answered))
    assert proxy.get(answered, "/")[0] == 308
    assert proxy.get(answered, ASKED)[2] == "the-proof"
    proxy.publish(proxy.route("one.example.com"))
    assert proxy.get(answered, ASKED)[2] == "the-proof"


@pytest.mark.parametrize(
    "path",
    [
        ASKED,
        "/.well-known/acme-challenge/",
        "/.well-known/acme-challenge/other",
        f"{ASKED}/more",
        f"/.well-known//acme-challenge/{TOKEN}",
        f"/x/../.well-known/acme-challenge/{TOKEN}",
        f"/.well-known/%61cme-challenge/{TOKEN}",
    ],
)
@pytest.mark.parametrize("tls", [False, True])
def test_no_base_answers_a_challenge(proxy, answered, path, tls):
    """Neither for itself, nor with what was put there for another host."""
    proxy.publish(proxy.route("tenant.example.com"))
    status, headers, body = proxy.get("tenant.example.com", path, tls=tls)
    assert status in (400, 404), body
    assert "the-proof" not in body
    assert "GET /" not in body
    assert headers.get("x-clouder-proxy", "unknown") == "unknown"


def test_what_lies_beside_is_passed_on(proxy):
    proxy.publish(proxy.route("tenant.example.com"))
    for path in (
        "/.well-known/security.txt",
        "/.well-known/acme-challenges",
        "/.well-known/acme-challenge/..%2f..%2fcurrent.conf",
    ):
        assert proxy.get("tenant.example.com", path)[2].startswith(f"GET {path} ")
