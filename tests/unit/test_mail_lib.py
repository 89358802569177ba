"""What the mail template renders, and what it refuses to."""

import base64
import datetime
import hashlib
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mail_lib import hosts, identity, publication, records, settings, tables

KEY = identity.generate_key()
SECRET = b"x" * 32
HOSTILE = [
    "a.example.com\nb.example.com x",
    "a.example.com ",
    " a.example.com",
    "a.example.com\t|id",
    "A.example.com",
    "a..example.com",
    "-a.example.com",
    "a_b.example.com",
    "example",
    "a.example.com\x00",
    "é.example.com",
    "a.example.com.",
    "../../etc/passwd",
    "$mydomain",
    "|id",
    "a" * 260 + ".example.com",
    "",
]


def domain(name="a.example.com", **values):
    given = {
        "password": "p" * 32,
        "key": KEY,
        "gateway_key": "g" * 32,
        "host": "web",
        "port": 8069,
    }
    return tables.MailDomain(name, **{**given, **values})


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_domains_reach_no_table_and_no_record(name):
    with pytest.raises(hosts.ValueRefused):
        tables.render([domain(name)], 10, SECRET)
    with pytest.raises(hosts.ValueRefused):
        records.dns_records(name, "mx.example.com", "mx -all", KEY)
    with pytest.raises(hosts.ValueRefused):
        records.dns_records("a.example.com", name, "mx -all", KEY)
    with pytest.raises(hosts.ValueRefused):
        settings.render_postfix(name, 25)


@pytest.mark.parametrize(
    "secret", ["", "short", "a b" * 10, "a:b" * 10, "é" * 20, "x\n" * 16]
)
def test_odd_passwords_are_refused(secret):
    for field in ("password", "gateway_key"):
        with pytest.raises(hosts.ValueRefused):
            domain(**{field: secret}).check()


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_odd_ports_are_refused(port):
    with pytest.raises(hosts.ValueRefused):
        domain(port=port).check()


@pytest.mark.parametrize(
    "text", ["mx\n-all", "mx -all;", 'mx "x"', "", " mx", "mx  -all", "x" * 500]
)
def test_hostile_mechanisms_are_refused(text):
    with pytest.raises(hosts.ValueRefused):
        records.dns_records("a.example.com", "mx.example.com", text, KEY)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("relay.example.com", ("relay.example.com", 25)),
        ("relay.example.com:587", ("relay.example.com", 587)),
        ("192.0.2.1:2525", ("192.0.2.1", 2525)),
    ],
)
def test_relays(text, found):
    assert hosts.relay(text) == found


@pytest.mark.parametrize(
    "text", ["relay.example.com:", "relay.example.com:x", "[::1]:25", "a b:25", ":25"]
)
def test_odd_relays_are_refused(text):
    with pytest.raises(hosts.ValueRefused):
        hosts.relay(text)


def test_a_password_can_be_checked_the_way_dovecot_does():
    text = tables.hash_password("password", "a.example.com", SECRET)
    assert text == tables.hash_password("password", "a.example.com", SECRET)
    assert text != tables.hash_password("password", "b.example.com", SECRET)
    stored = base64.b64decode(text.removeprefix("{SSHA512}"))
    digest, salt = stored[:64], stored[64:]
    assert hashlib.sha512(b"password" + salt).digest() == digest


def test_a_stopped_base_keeps_its_domain_only():
    files = tables.render([domain(), domain("b.example.com", host="")], 10, SECRET)
    names = {path.removeprefix("/srv/mail/") for path in files}
    assert "dkim/a.example.com.key" in names
    assert "dkim/b.example.com.key" not in names
    assert "b.example.com" in files["/srv/mail/domains"].text
    assert "b.example.com" not in files["/srv/mail/passwd"].text
    assert "b.example.com" not in files["/srv/mail/senders"].text
    assert json.loads(files["/srv/mail/bases.json"].text)["b.example.com"]["host"] == ""


def test_a_domain_that_only_sends_is_nobodys_mailbox():
    own = domain("own.example.com", host="", port=0, gateway_key="", incoming=False)
    files = {
        path.removeprefix("/srv/mail/"): content.text
        for path, content in tables.render([own], 10, SECRET).items()
    }
    assert "own.example.com" not in files["domains"]
    assert files["senders"] == "@own.example.com mailer@own.example.com\n"
    assert files["passwd"].startswith("mailer@own.example.com:")
    assert "dkim/own.example.com.key" in files


def test_only_its_reader_reads_a_secret():
    files = tables.render([domain()], 10, SECRET)
    owners = {
        "passwd": "dovecot",
        "bases.json": "gate",
        "dkim/a.example.com.key": "_rspamd",
    }
    for name, owner in owners.items():
        content = files[f"/srv/mail/{name}"]
        assert (content.owner, content.mode) == (owner, 0o400)


def test_the_public_record_fits_the_key():
    text = identity.public_record(KEY)
    assert text.startswith("v=DKIM1; k=rsa; p=MII")
    assert "PRIVATE" not in text


def test_certificates_are_checked_and_written_anew():
    now = datetime.datetime.now(datetime.UTC)
    mine = identity.self_signed("mx.example.com", now)
    other = identity.self_signed("mx.example.com", now)
    assert identity.check_certificate(f"text\n{mine}more text\n") == mine
    key, certificate = mine.partition("-----END PRIVATE KEY-----\n")[::2]
    foreign = other.partition("-----END PRIVATE KEY-----\n")[2]
    for text in ("", key, certificate, mine.replace(certificate, foreign)):
        with pytest.raises(ValueError, match=r"\w"):
            identity.check_certificate(text)


class Memory:
    """A container that only remembers, and can break off."""

    def __init__(self):
        self.files, self.commands, self.breaks = {}, [], False

    def get(self, path):
        return self.files.get(path, "").encode()

    def put(self, files):
        self.files.update({path: one.text for path, one in files.items()})

    def run(self, argv):
        if self.breaks:
            raise OSError("broken off")
        self.commands.append(list(argv))


def test_only_what_differs_is_written():
    place = Memory()
    files = tables.render([domain()], 10, SECRET)
    assert publication.publish(place, files)
    place.commands.clear()
    assert not publication.publish(place, files)
    assert place.commands == []
    assert publication.publish(place, tables.render([], 10, SECRET))
    assert ["rm", "-f", "--", "/srv/mail/dkim/a.example.com.key"] in place.commands


def test_no_two_publications_bear_the_same_second():
    """Dovecot would not see the later one when it is as long as the other."""
    place = Memory()
    for password in ("a" * 20, "b" * 20, "c" * 20):
        publication.publish(
            place, tables.render([domain(password=password)], 10, SECRET)
        )
    stamps = [words[2] for words in place.commands if words[0] == "touch"]
    assert len(stamps) == len(set(stamps)) == 3
    assert stamps == sorted(stamps)
    assert tables.read_stamp(b"{") == tables.read_stamp(b'{"stamp": "x"}') == 0


def test_a_publication_that_broke_off_is_done_again():
    place = Memory()
    files = tables.render([domain()], 10, SECRET)
    place.breaks = True
    with pytest.raises(OSError, match="broken off"):
        publication.publish(place, files)
    place.breaks = False
    assert publication.publish(place, files)
    assert place.commands[1][0] == "postmap"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"/etc/passwd": "x"}'])
def test_an_odd_manifest_is_empty(content):
    assert tables.read_manifest(content) == {}
