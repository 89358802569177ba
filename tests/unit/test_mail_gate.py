"""The gate of the mail image: who exists, how much is sent, what a base takes."""

import asyncio
import contextlib
import json
import smtplib
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mail_lib import GATE

sys.path.insert(0, str(GATE))

from mailgate.delivery import Delivery, one_line, stamped
from mailgate.directory import Directory, split
from mailgate.gateway import Refused, Unavailable
from mailgate.places import Places
from mailgate.policy import Policy, read_request
from mailgate.quota import HOUR, Quota
from mailgate.recipients import KNOWN_SECONDS, Recipients

BASE = {"host": "web", "port": 8069, "key": "k", "limit": 10}
OURS = "known@a.example.com"


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Instance:
    """A base that answers what a test wants."""

    def __init__(self):
        self.asked, self.taken, self.fault = [], [], None

    def knows(self, base, address):
        self.asked.append(address)
        if self.fault:
            raise self.fault
        return address.startswith("known")

    def deliver(self, base, message):
        if self.fault:
            raise self.fault
        self.taken.append((base.domain, message))


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "bases.json"
    found.write_text(json.dumps({"a.example.com": BASE, "b.example.com": BASE}))
    return found


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def instance():
    return Instance()


@pytest.fixture
def recipients(path, instance, clock):
    return Recipients(Directory(path), instance, clock)


@pytest.fixture
def quota(tmp_path, clock):
    made = Quota(tmp_path / "quota.db", clock)
    yield made
    made.close()


def test_the_directory_follows_its_file(path):
    directory = Directory(path)
    assert directory.find("A.example.com").host == "web"
    other = path.with_suffix(".new")
    other.write_text(json.dumps({"c.example.com": BASE}))
    other.replace(path)
    assert directory.find("a.example.com") is None
    assert directory.find("c.example.com")
    path.unlink()
    assert directory.find("c.example.com") is None


def test_addresses_are_split_at_the_last_sign():
    assert split('"a@b"@C.example') == ('"a@b"', "c.example")
    assert split("nobody") == ("", "nobody")


def test_an_answer_is_remembered_for_a_while(recipients, instance, clock):
    for _time in range(3):
        assert asyncio.run(recipients.verdict(OURS)) == ""
    assert len(instance.asked) == 1
    clock.now += KNOWN_SECONDS + 1
    asyncio.run(recipients.verdict(OURS))
    assert len(instance.asked) == 2


def test_what_cannot_be_told_is_not_remembered(recipients, instance):
    instance.fault = Unavailable("The instance does not answer")
    assert asyncio.run(recipients.verdict(OURS)).startswith("451 ")
    instance.fault = None
    assert asyncio.run(recipients.verdict(OURS)) == ""
    instance.fault = Refused("The instance takes no mail")
    assert asyncio.run(recipients.verdict("other@a.example.com")).startswith("550 ")


def test_the_window_slides(quota, clock):
    assert quota.take("a", 6, 10)
    clock.now += HOUR / 2
    assert quota.take("a", 4, 10)
    assert not quota.take("a", 1, 10)
    assert quota.take("b", 10, 10), "each login has its own"
    clock.now += HOUR / 2 + 1
    assert quota.take("a", 6, 10)
    assert not quota.take("a", 1, 10)


def test_a_refused_message_is_not_counted(quota):
    assert not quota.take("a", 11, 10)
    assert quota.take("a", 10, 10)


def test_the_count_survives(tmp_path, clock):
    for expected in (True, False):
        quota = Quota(tmp_path / "kept.db", clock)
        assert quota.take("a", 6, 10) is expected
        quota.close()


def ask(policy, **request):
    return asyncio.run(policy.action(request))


def test_the_policy(path, recipients, quota):
    policy = Policy(Directory(path), recipients, quota)
    rcpt = {"protocol_state": "RCPT"}
    assert ask(policy, **rcpt, recipient=OURS) == "DUNNO"
    assert ask(policy, **rcpt, recipient="x@a.example.com").startswith("550 ")
    assert ask(policy, **rcpt, recipient="x@world.example").startswith("554 ")
    login = {"sasl_username": "mailer@a.example.com"}
    assert ask(policy, **rcpt, **login, recipient="x@world.example") == "DUNNO"
    end = {"protocol_state": "END-OF-MESSAGE", "recipient_count": "10"}
    assert ask(policy, **end, **login) == "DUNNO"
    assert ask(policy, **end, **login).startswith("452 ")
    assert ask(policy, **end).startswith("451 ")
    assert ask(policy, protocol_state="CONNECT") == "DUNNO"


def test_a_domain_that_only_sends(path, recipients, instance, quota):
    """Its mail is taken elsewhere, and its login is counted like any other."""
    row = {**BASE, "host": "", "limit": 1, "incoming": False}
    path.write_text(json.dumps({"own.example.com": row}))
    policy = Policy(Directory(path), recipients, quota)
    rcpt = {"protocol_state": "RCPT", "recipient": "x@own.example.com"}
    assert ask(policy, **rcpt).startswith("554 ")
    login = {"sasl_username": "mailer@own.example.com"}
    assert ask(policy, **rcpt, **login) == "DUNNO"
    assert instance.asked == []
    end = {"protocol_state": "END-OF-MESSAGE", "recipient_count": "1"}
    assert ask(policy, **end, **login) == "DUNNO"
    assert ask(policy, **end, **login).startswith("452 ")


def read(data):
    async def work():
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await read_request(reader)

    return asyncio.run(work())


def test_requests_are_read():
    assert read(b"a=1\nb=x=y\n\n") == {"a": "1", "b": "x=y"}
    assert read(b"") == {}
    for data in (b"nonsense\n\n", b"a=1\n" * 300):
        with pytest.raises(ValueError, match="attribute"):
            read(data)


def test_the_envelope_is_stamped_on_a_message():
    content = (
        b"Received: x\r\nDelivered-To: forged@a.example.com\r\n folded\r\n"
        b"RETURN-PATH: <forged@x>\r\nSubject: a\r\n b\r\n\r\nDelivered-To: body\r\n"
    )
    assert stamped(content, "me@x.example", [OURS]) == (
        b"Return-Path: <me@x.example>\r\nDelivered-To: known@a.example.com\r\n"
        b"Received: x\r\nSubject: a\r\n b\r\n\r\nDelivered-To: body\r\n"
    )


def test_an_answer_is_one_line():
    assert one_line("a\r\nb\x00é") == "a??b??"
    assert len(one_line("x" * 999)) == 200


@contextlib.contextmanager
def lmtp(path, recipients, instance, tmp_path, places=None):
    """Run the LMTP server in a thread; give a session with it."""
    loop, address = asyncio.new_event_loop(), str(tmp_path / "lmtp")
    delivery = Delivery(Directory(path), recipients, instance, places)
    server = loop.run_until_complete(loop.create_unix_server(delivery.server, address))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    session = smtplib.LMTP(address)
    try:
        yield session
    finally:
        session.close()
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def test_each_base_gets_a_message_once(path, recipients, instance, tmp_path):
    to = [OURS, "known2@a.example.com", "known@b.example.com"]
    with lmtp(path, recipients, instance, tmp_path) as session:
        session.sendmail("me@x.example", to, "Subject: hi\r\n\r\nhello\r\n")
    assert sorted(domain for domain, _text in instance.taken) == [
        "a.example.com",
        "b.example.com",
    ]


def test_a_base_that_refuses_or_is_away(path, recipients, instance, tmp_path):
    with lmtp(path, recipients, instance, tmp_path) as session:
        for fault, code in (
            (Unavailable("away\r\n250 ok"), 451),
            (Refused("no"), 550),
        ):
            instance.fault = None
            session.ehlo("x")
            session.mail("me@x.example")
            assert session.rcpt(OURS)[0] == 250
            instance.fault = fault
            session.docmd("DATA")
            session.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
            assert session.getreply()[0] == code


def test_a_message_for_two_bases_waits_for_none(path, recipients, instance, tmp_path):
    """The one that hangs is given up; the other one has the message once, and says so."""
    freed = threading.Event()

    def deliver(base, message):
        if base.domain == "a.example.com":
            freed.wait()

    instance.deliver = deliver
    to = [OURS, "known@b.example.com"]
    with lmtp(path, recipients, instance, tmp_path, Places(0.2)) as session:
        session.sock.settimeout(10)
        assert [code for code, _text in replies(session, to)] == [451, 250]
        freed.set()


def replies(session, to):
    """Hand a message in; return the answer for each of its recipients."""
    session.ehlo("x")
    session.mail("me@x.example")
    for address in to:
        assert session.rcpt(address)[0] == 250
    session.docmd("DATA")
    session.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
    return [session.getreply() for _address in to]


def test_what_nobody_foresaw_is_tried_again(path, recipients, instance, tmp_path):
    def deliver(base, message):
        if base.domain == "a.example.com":
            raise RuntimeError("a mistake")

    instance.deliver = deliver
    to = [OURS, "known@b.example.com"]
    with lmtp(path, recipients, instance, tmp_path) as session:
        assert [code for code, _text in replies(session, to)] == [451, 250]
