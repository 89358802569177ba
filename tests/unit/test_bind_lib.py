"""The pure part of the name server: what may be published, and the update that does it."""

import sys
from pathlib import Path

import dns.name
import dns.rdatatype
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bind_lib import records, render, server, zone

HOST = "shop.example.com"
# Peers' holes: zone-file directives, line breaks, quotes, a second record, shells.
HOSTILE = [
    "",
    " ",
    "a b",
    "a;b",
    "a\nb",
    "a\r\nb",
    "a\n$INCLUDE /etc/passwd",
    "$INCLUDE",
    "$ORIGIN .",
    "$GENERATE 1-9 a A 1.1.1.1",
    "a\0b",
    "a\\000b",
    "a\\.b",
    '"a"',
    "(a",
    "@",
    "*",
    "*.evil",
    "-a",
    "a-",
    "a..b",
    ".a",
    "a._",
    "__a",
    "exämple",
    "еvil",
    "a/b",
    "$(id)",
    "`id`",
    "${IFS}",
    "{{7*7}}",
    "%s",
    "a" * 64,
    ".".join(["a" * 60] * 5),
]
EVIL_VALUES = [
    ("A", "127.0.0.1 ; comment"),
    ("A", "127.0.0.1\nevil A 6.6.6.6"),
    ("A", "\\# 4 7f000001"),
    ("A", "127.0.0.1 127.0.0.2"),
    ("A", "::1"),
    ("A", "1.2.3"),
    ("A", "0.0.0.0"),
    ("A", "224.0.0.1"),
    ("AAAA", "1.2.3.4"),
    ("AAAA", "::"),
    ("AAAA", "fe80::1%eth0"),
    ("CNAME", "."),
    ("CNAME", "a b"),
    ("CNAME", "a\nb"),
    ("CNAME", "$INCLUDE /etc/passwd"),
    ("CNAME", "*.example.com"),
    ("MX", "mail.example.com"),
    ("MX", "-1 mail.example.com"),
    ("MX", "65536 mail.example.com"),
    ("MX", "10 mail.example.com (\n)"),
    ("SRV", "1 1 mail.example.com"),
    ("SRV", "1 1 99999 mail.example.com"),
    ("TXT", ""),
    ("TXT", "a\nb"),
    ("TXT", "a\0b"),
    ("TXT", "ä"),
    ("TXT", "a" * 4001),
    ("CAA", "0 issue"),
    ("CAA", "256 issue x"),
    ("CAA", '0 issue "x" "y"'),
    ("CAA", '0 issue "x\\"'),
    ("CAA", "0 is-sue x"),
    ("NS", "ns.evil.example"),
    ("SOA", "a b 1 1 1 1 1"),
    ("DNAME", "evil.example"),
    ("DS", "1 1 1 00"),
    ("ANY", "x"),
    ("TYPE1", "\\# 4 7f000001"),
    ("a", "1.2.3.4"),
    ("A", 5),
]


@pytest.mark.parametrize("name", HOSTILE[1:])
def test_a_hostile_name_is_refused(name):
    for text in (name, f"{name}.{HOST}."):
        with pytest.raises(records.RecordRefused):
            records.full_name(text, HOST)
    with pytest.raises(records.RecordRefused):
        records.check_host(name)


@pytest.mark.parametrize(("kind", "value"), EVIL_VALUES)
def test_a_hostile_value_is_refused(kind, value):
    with pytest.raises(records.RecordRefused):
        records.parse(kind, value)


def test_a_name_stays_within_its_host():
    assert records.full_name("", HOST) == HOST
    assert records.full_name("_dmarc", HOST) == f"_dmarc.{HOST}"
    assert records.full_name("S1._DomainKey", HOST) == f"s1._domainkey.{HOST}"
    assert records.full_name(f"{HOST}.", HOST) == HOST
    for name in ("example.com.", "other.example.com.", f"evil{HOST}.", "com.", "."):
        with pytest.raises(records.RecordRefused):
            records.full_name(name, HOST)


@pytest.mark.parametrize(
    "text",
    [
        'v=DMARC1; p=reject; rua="x"',
        "$INCLUDE /etc/passwd",
        'a" "b',
        "back\\slash \\000 \\\\",
        "; comment ( ) @",
        "x" * 255,
        "y" * 256,
        "z" * 4000,
    ],
)
def test_a_text_arrives_as_it_was_given(text):
    rdata = records.parse("TXT", text)
    assert b"".join(rdata.strings).decode() == text
    assert max(map(len, rdata.strings)) <= 255
    # What is remembered is the presentation form, which must mean the very same.
    remembered = records.from_lines(
        records.to_lines(records.collect([["", "TXT", text]], HOST))
    )
    message = server.difference("example.com", {}, remembered, {}, 300)
    [sent] = [one for one in message.update if one.rdtype == dns.rdatatype.TXT and one]
    assert sent[0] == rdata


def test_values_in_their_usual_forms():
    assert records.collect(
        [
            ["", "A", "192.0.2.1"],
            ["", "A", "192.0.2.1"],
            ["", "AAAA", "2001:DB8::1"],
            ["", "MX", "10 Mail.Example.com."],
            ["", "MX", "0 ."],
            ["", "CAA", '0 issue "ca.example; validationmethods=dns-01"'],
            ["", "CAA", "128 iodef mailto:a@example.com"],
            ["_smtp._tcp", "SRV", "1 2 25 mail.example.com"],
            ["www", "CNAME", HOST],
        ],
        HOST,
    ) == {
        (HOST, "A"): ("192.0.2.1",),
        (HOST, "AAAA"): ("2001:db8::1",),
        (HOST, "CAA"): (
            '0 issue "ca.example; validationmethods=dns-01"',
            '128 iodef "mailto:a@example.com"',
        ),
        (HOST, "MX"): ("0 .", "10 mail.example.com."),
        (f"_smtp._tcp.{HOST}", "SRV"): ("1 2 25 mail.example.com.",),
        (f"www.{HOST}", "CNAME"): (f"{HOST}.",),
    }


def test_an_alias_stands_alone():
    for other in (["www", "A", "192.0.2.1"], ["www", "CNAME", "b.example.com"]):
        with pytest.raises(records.RecordRefused, match="alias"):
            records.collect([["www", "CNAME", "a.example.com"], other], HOST)


def _seen(wanted, ttl=300):
    return {key: (ttl, frozenset(values)) for key, values in wanted.items()}


def test_nothing_is_sent_when_nothing_differs():
    wanted = records.collect([["", "A", "192.0.2.1"]], HOST)
    assert server.difference("example.com", {}, wanted, _seen(wanted), 300) is None
    assert server.difference("example.com", wanted, {}, {}, 300) is None
    assert server.difference("example.com", {}, wanted, _seen(wanted, 60), 300)


def test_only_the_own_values_are_taken_away():
    before = records.collect([["", "A", "192.0.2.1"], ["x", "TXT", "old"]], HOST)
    present = {
        (HOST, "A"): (300, frozenset(["192.0.2.1", "192.0.2.99"])),
        (f"x.{HOST}", "TXT"): (300, frozenset(['"new"'])),
    }
    message = server.difference("example.com", before, {}, present, 300)
    [gone] = message.update
    assert gone.name == dns.name.from_text(HOST)
    assert [one.to_text() for one in gone] == ["192.0.2.1"]


def test_a_new_zone_is_a_whole_zone():
    own = zone.own_records(
        "example.com",
        ["ns1.example.com", "ns2.example.net"],
        [("ns1.example.com", "A", "192.0.2.1")],
    )
    text = zone.zone_text(
        "example.com", ["ns1.example.com"], "host.master@example.com", own, 300, 7
    ).decode()
    assert "SOA ns1.example.com. host\\.master.example.com. 7 " in text
    assert "example.com. 300 IN NS ns2.example.net." in text
    assert "ns1.example.com. 300 IN A 192.0.2.1" in text


@pytest.mark.parametrize("address", ["", "x", "@x.y", "a b@x.y", "a\n@x.y", "a@x y"])
def test_a_hostmaster_is_an_address(address):
    with pytest.raises(records.RecordRefused):
        zone.mailbox(address)


@pytest.mark.parametrize("value", ["", 'a"b', "a;b", "a\nb", "a b", "a{b"])
def test_a_configuration_holds_plain_words_only(value):
    with pytest.raises(records.RecordRefused):
        render.render("keys.conf.j2", keys=[("clouder-update", value)])
    with pytest.raises(records.RecordRefused):
        render.render("peers.j2", peers=[(value, 53)])
