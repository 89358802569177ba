"""The real BIND, as Clouder runs it: zones at run time, signed updates, a follower."""

import concurrent.futures

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import dns.xfr
import dns.zone
import pytest
from bind_machine import RNDC, Bind, build, generate_key, wanted
from clouder_lib.labels import LABEL_DATABASE
from clouder_lib.wait import wait_for

ZONE = "example.com"
MANY = 200


@pytest.fixture(scope="module")
def bind(engine):
    build(engine)
    yield from _running(engine, "clouder-test-bind")


@pytest.fixture(scope="module")
def follower(engine, bind):
    other = Bind(engine, f"{bind.name}-2", bind.network, bind.database, bind).start()
    bind.follow_with(other)
    return other


def _running(engine, name):
    database = f"test-{generate_key()[:12]}"
    engine.network_ensure(name, {LABEL_DATABASE: database})
    made = Bind(engine, name, name, database)
    try:
        made.start()
        made.add_catalog()
        made.add_zone(ZONE)
        yield made
    finally:
        for one in engine.container_list({LABEL_DATABASE: database}):
            engine.api.remove_container(one["Id"], force=True, v=True)
        engine.network_remove(name, {LABEL_DATABASE: database})


def serial(bind, name=ZONE):
    return int(bind.dig(name, "SOA")[0].split()[2])


def test_a_zone_comes_and_goes_without_a_restart(bind, engine):
    started = engine.container_inspect(bind.name)["State"]["StartedAt"]
    bind.add_zone("second.example")
    assert bind.client().serves("second.example")
    assert bind.dig("second.example", "NS") == ["ns1.second.example."]
    bind.remove_zone("second.example")
    assert not bind.client().serves("second.example")
    argv = ["find", "/var/lib/bind/zones", "-name", "second.example*"]
    assert not engine.exec(bind.name, argv).output.strip()
    assert engine.container_inspect(bind.name)["State"]["StartedAt"] == started


def test_records_are_published_replaced_and_removed(bind):
    host, client = f"one.{ZONE}", bind.client()
    first = wanted(host, ["", "A", "192.0.2.1"], ["", "MX", f"10 {host}"])
    assert client.publish(ZONE, {}, first, 300)
    assert bind.dig(host, "A") == ["192.0.2.1"]
    before = serial(bind)
    assert not client.publish(ZONE, first, first, 300), "no update for nothing"
    assert serial(bind) == before
    second = wanted(host, ["", "A", "192.0.2.2"], ["www", "CNAME", host])
    assert client.publish(ZONE, first, second, 300)
    assert serial(bind) > before
    assert bind.dig(host, "A") == ["192.0.2.2"]
    assert bind.dig(host, "MX") == []
    assert bind.dig(f"www.{host}", "A") == [f"{host}.", "192.0.2.2"]
    assert client.publish(ZONE, second, {}, 300)
    assert not client.publish(ZONE, second, {}, 300)
    assert not client.look(second)


def test_an_alias_and_other_records_take_turns(bind):
    host, client = f"turn.{ZONE}", bind.client()
    plain = wanted(host, ["", "A", "192.0.2.1"], ["", "TXT", "x"])
    alias = wanted(host, ["", "CNAME", "other.example.net"])
    for before, after in (({}, plain), (plain, alias), (alias, plain), ({}, alias)):
        client.publish(ZONE, before, after, 300)
        assert set(client.look({**plain, **alias})) == set(after)


@pytest.mark.parametrize(
    "text",
    [
        'v=DKIM1; k=rsa; p="' + "A" * 700,
        "$INCLUDE /etc/passwd",
        '" "; evil A 6.6.6.6',
        '\\000\\"\\\\',
        "( @ ; $ORIGIN .",
    ],
)
def test_a_text_is_nothing_but_a_text(bind, text):
    host, client = f"text.{ZONE}", bind.client()
    lines = wanted(host, ["_dmarc", "TXT", text])
    client.publish(ZONE, {}, lines, 300)
    answer = client.ask_udp(f"_dmarc.{host}", "TXT").answer
    assert b"".join(answer[0][0].strings).decode() == text
    copy = transfer(bind, generate=False)
    assert not any("evil" in str(name) for name in copy.nodes)
    client.publish(ZONE, lines, {}, 300)


def transfer(bind, generate):
    """Copy the zone with the right key, or with another one of the same name."""
    secret = generate_key() if generate else bind.transfer_key
    key = dns.tsig.Key("clouder-transfer", secret, dns.tsig.HMAC_SHA256)
    copy, client = dns.zone.Zone(ZONE), bind.client()
    query, _serial = dns.xfr.make_query(copy, keyring=key)
    dns.query.inbound_xfr(client.address, copy, query, port=client.port, timeout=10)
    return copy


def test_many_at_once_lose_nothing(bind):
    client = bind.client()
    lines = {
        number: wanted(
            f"base{number}.{ZONE}",
            ["", "A", f"192.0.2.{number % 250 + 1}"],
            ["", "MX", "10 mail.example.net"],
            ["", "TXT", f"v=spf1 ip4:192.0.2.{number % 250 + 1} -all"],
        )
        for number in range(MANY)
    }
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        sent = list(
            pool.map(lambda one: client.publish(ZONE, {}, one, 300), lines.values())
        )
        assert all(sent)
        seen = list(pool.map(client.look, lines.values()))
    for one, found in zip(lines.values(), seen, strict=True):
        assert {key: set(value[1]) for key, value in found.items()} == {
            key: set(values) for key, values in one.items()
        }
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda one: client.publish(ZONE, one, {}, 300), lines.values()))
        assert not any(pool.map(client.look, lines.values()))


def test_a_zone_asked_for_twice_at_once_is_made_once(bind):
    def add(_number):
        try:
            bind.add_zone("race.example")
        except Exception as error:  # noqa: BLE001 all that may be raised is looked at
            return error.detail
        return ""

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(add, range(4)))
    assert said[0] == "" and all("already exists" in one for one in said[1:])
    assert bind.client().serves("race.example")
    bind.remove_zone("race.example")


def test_what_was_published_survives_a_restart(bind, engine):
    host = f"kept.{ZONE}"
    lines = wanted(host, ["", "A", "192.0.2.7"])
    bind.client().publish(ZONE, {}, lines, 300)
    engine.container_restart(bind.name)
    engine.wait_ready(bind.name, [*RNDC, "status"], 60)
    assert bind.dig(host, "A") == ["192.0.2.7"]
    bind.client().publish(ZONE, lines, {}, 300)


def test_only_the_key_may_update(bind):
    lines = wanted(f"evil.{ZONE}", ["", "A", "6.6.6.6"])
    from_nobody = dns.update.UpdateMessage(ZONE)
    from_nobody.add(f"evil.{ZONE}.", 300, "A", "6.6.6.6")
    client = bind.client()
    answer = dns.query.tcp(from_nobody, client.address, 10, client.port)
    assert answer.rcode() == dns.rcode.REFUSED
    with pytest.raises(Exception, match="does not know our key"):
        bind.client(generate_key()).publish(ZONE, {}, lines, 300)
    assert not client.look(lines)


def test_it_copies_zones_for_followers_only(bind):
    assert transfer(bind, generate=False).nodes
    with pytest.raises(dns.exception.DNSException):
        transfer(bind, generate=True)
    query, _serial = dns.xfr.make_query(dns.zone.Zone(ZONE))
    client = bind.client()
    with pytest.raises(dns.exception.DNSException):
        dns.query.inbound_xfr(
            client.address, dns.zone.Zone(ZONE), query, port=client.port, timeout=10
        )


def test_it_answers_for_its_zones_only_and_tells_nothing_of_itself(bind):
    client = bind.client()
    answer = client.ask_udp("www.debian.org", "A")
    assert answer.rcode() == dns.rcode.REFUSED
    assert not answer.flags & dns.flags.RA
    assert client.ask_udp("catalog.clouder.invalid", "SOA").rcode() == dns.rcode.REFUSED
    for name in ("version.bind", "hostname.bind", "id.server"):
        question = dns.message.make_query(name, "TXT", rdclass="CH")
        assert not dns.query.tcp(question, client.address, 10, client.port).answer


def test_equal_answers_to_one_network_are_limited(bind):
    client = bind.client()
    question = dns.message.make_query(ZONE, "SOA")

    def ask(_number):
        try:
            reply = dns.query.udp(question, client.address, 0.5, client.port)
        except dns.exception.Timeout:
            return "dropped"
        return "short" if reply.flags & dns.flags.TC else "whole"

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(ask, range(300)))
    assert seen.count("whole") < 200, seen
    assert client.serves(ZONE), "over TCP nobody is limited"


def test_it_runs_with_nothing_it_does_not_need(bind, engine):
    state = engine.container_inspect(bind.name)
    host = state["HostConfig"]
    assert state["Config"]["User"] == "bind"
    assert host["ReadonlyRootfs"] and not host["CapAdd"] and host["CapDrop"] == ["ALL"]
    text = engine.exec(bind.name, ["cat", "/proc/1/cmdline"]).output
    assert bind.update_key not in text


def test_a_follower_follows(bind, follower):
    follower.wait_serves(ZONE)
    bind.add_zone("new.example")
    follower.wait_serves("new.example")
    host = "www.new.example"
    bind.client().publish("new.example", {}, wanted(host, ["", "A", "192.0.2.3"]), 300)

    def look():
        said = follower.dig(host, "A")
        return said == ["192.0.2.3"], str(said)

    wait_for("the follower to know a new record", look, 30)
    bind.remove_zone("new.example")
    follower.wait_serves("new.example", served=False)
    assert follower.client("").ask_udp(ZONE, "SOA").rcode() == dns.rcode.NOERROR
