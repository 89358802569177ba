"""The pure part of the proxy: routes, rendering, what is written where."""

import datetime
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from proxy_lib import certificate, publication, render, routes

NOW = datetime.datetime.now(datetime.UTC)
HOSTILE = [
    "",
    "a b.example.com",
    "a;b.example.com",
    "a{b.example.com",
    'a"b.example.com',
    "a'b.example.com",
    "a\\b.example.com",
    "a\nb.example.com",
    "a.example.com\n",
    "a\0b.example.com",
    "$host.example.com",
    "$(id).example.com",
    "~.*",
    "*.example.com",
    ".example.com",
    "example.com.",
    "-a.example.com",
    "a-.example.com",
    "a..example.com",
    "../etc/passwd",
    "A.example.com",
    "аpple.example.com",
    "a_b.example.com",
    "a/b.example.com",
    "a:80",
    "#comment",
    "a" * 64 + ".example.com",
    "a." * 130 + "com",
    "a" * 10_000,
    routes.GENERATION_HOST,
]


def route(host="one.example.com", **more):
    return routes.Route(host, "demo-odoo-exec", 8069, **more)


def sites(token="token", blocks=(), without=()):
    return render.render_sites(render.Site(), token, blocks, without)


@pytest.mark.parametrize("host", HOSTILE)
def test_hostile_hosts_are_refused(host):
    with pytest.raises(routes.RouteRefused):
        route(host).check()
    if host:
        with pytest.raises(routes.RouteRefused):
            route(alias=host).check()


@pytest.mark.parametrize("backend", [*HOSTILE[:-1], "a.b", "a:1", "suspended;"])
def test_hostile_backends_are_refused(backend):
    with pytest.raises(routes.RouteRefused):
        routes.Route("one.example.com", backend, 8069).check()


@pytest.mark.parametrize("odd", [*";{} $\"'\\~*#/:_A@\0", "а", "\n ;"])
def test_rendering_refuses_what_was_never_checked(odd):
    for unchecked in (
        route(f"a{odd}.example.com"),
        route(alias=f"a{odd}.example.com"),
        routes.Route("one.example.com", f"a{odd}", 8069),
    ):
        with pytest.raises(routes.RouteRefused):
            render.render_maps([route("b.example.com"), unchecked])


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_impossible_ports_are_refused(port):
    with pytest.raises(routes.RouteRefused):
        routes.Route("one.example.com", "backend", port).check()


@pytest.mark.parametrize("name", ["a;b", "*", "*.*.example.com", "a b", "~a", ""])
def test_hostile_names_of_blocks_are_refused(name):
    with pytest.raises(routes.RouteRefused):
        render.Block((name,), "token")


def test_maps_hold_each_host_once():
    text = render.render_maps(
        [route(), routes.Route("one.example.com", "other", 1)]
    ).text
    assert text.count("one.example.com") == 1
    assert "    one.example.com demo-odoo-exec:8069;\n" in text


def test_longpolling_is_told_once_per_backend():
    many = [
        routes.Route(f"b{number}.example.com", "exec", 8069, 8072)
        for number in range(9)
    ]
    assert render.render_maps(many).text.count("    exec:8069 exec:8072;\n") == 1


def test_an_alias_never_hides_a_host():
    text = render.render_maps(
        [route("example.com", alias="www.example.com"), route("www.example.com")]
    ).text
    assert "www.example.com example.com" not in text
    text = render.render_maps([route("example.com", alias="www.example.com")]).text
    assert "    www.example.com example.com;\n" in text


def test_words_of_nginx_are_hosts_too():
    text = render.render_maps([route("default"), route("include", secure=True)]).text
    assert "    \\default demo-odoo-exec:8069;\n" in text
    assert "    \\include 1;\n" in text


def test_an_own_domain_says_whom_it_stands_for():
    shop = route(
        host="shop.example.org",
        known_as="one.example.com",
        alias="www.shop.example.org",
    )
    text = render.render_maps([route(), shop]).text
    assert "    shop.example.org one.example.com;\n" in text
    assert "    www.shop.example.org shop.example.org;\n" in text
    # The host of a base is never taken by somebody's own domain.
    thief = route(host="one.example.com", known_as="two.example.com")
    assert "two.example.com" not in render.render_maps([route(), thief]).text


@pytest.mark.parametrize("name", ["a b", "x;", "{", "$host", "А.example.com"])
def test_hostile_names_that_a_base_is_known_as(name):
    with pytest.raises(routes.RouteRefused):
        route(known_as=name).check()
    with pytest.raises(routes.RouteRefused):
        render.render_maps([route(known_as=name)])


def test_suspended_and_secure():
    text = render.render_maps([route(suspended=True, secure=True)]).text
    assert "    one.example.com suspended;\n" in text
    assert "    one.example.com 1;\n" in text


def test_rendering_depends_on_records_only():
    first = render.render_maps([route("a.example.com"), route("b.example.com")])
    assert first == render.render_maps([route("b.example.com"), route("a.example.com")])
    assert first.digest != render.render_maps([route("a.example.com")]).digest


def test_sites_change_with_the_certificate():
    block = render.Block(("own.example.com",), "one")
    assert sites(blocks=[block]).digest != sites().digest
    assert sites("other").digest != sites().digest
    other = render.Block(("own.example.com",), "two")
    assert sites(blocks=[other]).digest != sites(blocks=[block]).digest


def test_a_block_left_out_keeps_the_digest():
    block = render.Block(("own.example.com",), "one")
    without = sites(blocks=[block], without=[block])
    assert without.digest == sites(blocks=[block]).digest
    assert "own.example.com" not in without.text


def test_the_settings_of_the_house():
    text = sites().text
    for line in (
        "server_tokens off;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "resolver 127.0.0.11 ",
        "proxy_set_header X-Forwarded-For $remote_addr;",
    ):
        assert line in text + render.render_main(publication.POINTER_GLOB).decode()
    assert "dhparam" not in text


@pytest.mark.parametrize("workers", ["0", "auto; }", "1000", "-1"])
def test_hostile_worker_numbers_are_refused(workers):
    with pytest.raises(ValueError, match="workers"):
        render.render_main(publication.POINTER_GLOB, workers)


def test_nothing_changes_when_nothing_changed():
    maps, blocks = render.render_maps([route()]), sites()
    live = publication.next_live(publication.NOTHING, 1, maps, blocks)
    assert publication.next_live(live, 9, maps, blocks) is live


def test_only_the_changed_part_changes_its_slot():
    live = publication.next_live(
        publication.NOTHING, 1, render.render_maps([]), sites()
    )
    after = publication.next_live(live, 1, render.render_maps([route()]), sites())
    assert after.generation == live.generation + 1
    assert after.port == live.other_port
    assert after.maps.slot != live.maps.slot
    assert after.sites == live.sites
    kept = publication.next_live(after, 1, render.render_maps([route()]), None)
    assert kept is after


def test_an_unknown_content_is_written_anew():
    maps, blocks = render.render_maps([route()]), sites()
    live = publication.next_live(publication.NOTHING, 7, maps, blocks)
    again = publication.next_live(publication.unknown_content(live), 8, maps, blocks)
    assert (again.generation, again.maps.digest) == (8, maps.digest)
    assert again.maps.slot != live.maps.slot


def test_the_pointer_names_the_slots():
    live = publication.next_live(
        publication.NOTHING, 3, render.render_maps([]), sites()
    )
    text = publication.pointer_file(live)[1].decode()
    assert "include /srv/proxy/maps-a/maps.conf;" in text
    assert "include /srv/proxy/sites-a/sites.conf;" in text
    assert f"listen 127.0.0.1:{live.port};" in text
    assert f"proxy_pass http://127.0.0.1:{live.other_port};" in text
    told = text.split("return 200 '")[2].split("'")[0]
    assert publication.parse_live(told) == live


def test_no_part_holds_the_place_of_its_folder():
    part = sites(blocks=[render.Block(("own.example.com",), "one")])
    content = part.content("b").decode()
    assert "@folder@" not in content
    assert "/srv/proxy/sites-b/site-" in content


@pytest.mark.parametrize(
    "body",
    [
        "",
        "draining",
        "{}",
        "[]",
        "<html>",
        '{"generation":1,"port":1,"maps":{"slot":"a","digest":""},'
        '"sites":{"slot":"a","digest":""}}',
        '{"generation":1,"port":8082,"maps":{"slot":"../x","digest":""},'
        '"sites":{"slot":"a","digest":""}}',
    ],
)
def test_other_answers_are_no_generation(body):
    with pytest.raises(ValueError, match=r"unknown slot|no generation"):
        publication.parse_live(body)


def halves(pem):
    key, chain = pem.split("-----BEGIN CERTIFICATE-----")
    return f"-----BEGIN CERTIFICATE-----{chain}", key


def test_a_pair_that_belongs_together_is_taken():
    chain, key = halves(certificate.self_signed("own.example.com", NOW))
    assert certificate.check_pair(f"junk\n{chain}", key) == key + chain


def test_bad_pairs_are_refused():
    chain, key = halves(certificate.self_signed("own.example.com", NOW))
    _, other = halves(certificate.self_signed("own.example.com", NOW))
    for pair in ((chain, other), ("", key), (chain, ""), (key, chain), ("x", "y")):
        with pytest.raises(certificate.CertificateRefused):
            certificate.check_pair(*pair)


def test_the_public_part_has_no_key():
    pem = certificate.self_signed("own.example.com", NOW)
    assert certificate.public_part(pem) == halves(pem)[0]
    with pytest.raises(certificate.CertificateRefused):
        certificate.public_part(halves(pem)[1])
