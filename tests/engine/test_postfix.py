"""The mail container on a real engine: who may send what, and what comes in."""

import smtplib

import dkim
import pytest
from mail_lib import records
from postfix_machine import HOSTNAME, KEY, Mail, container, tables

TO = "someone@world.example"


@pytest.fixture(scope="module")
def mail(engine):
    made = Mail(engine)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def alice(mail):
    return mail.base("alice.example.com")


@pytest.fixture
def bob(mail):
    return mail.base("bob.example.com")


@pytest.fixture
def both(mail, alice, bob):
    mail.publish(alice, bob)
    mail.look("/resume")
    return alice, bob


def message(sender, to=TO, word="hello", **headers):
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {word}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", word, ""])


def key_of(base):
    """Return a DNS that knows the DKIM record of one base, as its facts tell it."""
    facts = records.dns_records(base.domain, HOSTNAME, "mx -all", base.key)
    known = {
        f"{name}.{base.domain}.".encode(): value.encode()
        for name, _kind, value in facts
    }
    return lambda name, timeout=5: known.get(name)


def refused(session, sender, text, to=TO):
    """Return the status with which a message is refused."""
    with pytest.raises(smtplib.SMTPException) as caught:
        session.sendmail(sender, [to], text)
    error = caught.value
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return error.recipients[to][0]
    return error.smtp_code


def test_a_base_sends_and_the_signature_verifies(mail, both):
    alice = both[0]
    to = "signed@world.example"
    with mail.submission(alice) as session:
        session.sendmail(
            "shop@alice.example.com", [to], message("Shop <shop@alice.example.com>", to)
        )
    got = mail.received(to)
    assert b"d=alice.example.com" in got
    assert dkim.verify(got, dnsfunc=key_of(alice))
    tampered = got.replace(b"hello", b"hullo")
    assert not dkim.verify(tampered, dnsfunc=key_of(alice))


def test_a_new_password_counts_at_once(mail):
    """Also right after another login, and in a file of the same length."""
    for _ in range(4):
        base = mail.base("alice.example.com")
        mail.publish(base)
        with mail.submission(base):
            pass


def test_nothing_is_taken_that_must_be_converted_after_signing(mail, both):
    with mail.submission(both[0]) as session:
        assert not session.has_extn("8bitmime")


def test_a_bounce_without_a_sender_is_signed_too(mail, both):
    to = "bounced@world.example"
    with mail.submission(both[0]) as session:
        session.sendmail("", [to], message("shop@alice.example.com", to))
    assert dkim.verify(mail.received(to), dnsfunc=key_of(both[0]))


def test_no_base_uses_the_envelope_of_another(mail, both):
    with mail.submission(both[0]) as session:
        text = message("shop@alice.example.com")
        assert refused(session, "shop@bob.example.com", text) == 553
        assert refused(session, "shop@foreign.example", text) == 553


@pytest.mark.parametrize(
    "sender",
    [
        "shop@bob.example.com",
        "shop@sub.alice.example.com",
        "shop@alice.example.com.evil.example",
        "shop@alice.example.com, shop@bob.example.com",
        "shop@bob.example.com, shop@alice.example.com",
        '"shop@alice.example.com" <shop@bob.example.com>',
        "shop@alice.example.com\r\nFrom: shop@bob.example.com",
        "shop@bob.example.com\r\nFrom: shop@alice.example.com",
        "shop@bob.example.com (shop@alice.example.com)",
        "everybody: shop@bob.example.com;",
        "",
        "<>",
    ],
)
def test_no_base_uses_the_from_header_of_another(mail, both, sender):
    with mail.submission(both[0]) as session:
        text = message(sender)
        assert refused(session, "shop@alice.example.com", text) == 554


def test_nobody_sends_without_logging_in(mail, both):
    alice = both[0]
    with mail.submission() as session:
        assert refused(session, "shop@alice.example.com", message("x@y.z")) == 554
    with pytest.raises(smtplib.SMTPAuthenticationError):
        mail.submission(alice._replace(password="wrong" * 5))
    with pytest.raises(smtplib.SMTPAuthenticationError):
        mail.submission(mail.base("nobody.example.com"))


def test_a_password_never_travels_in_clear(mail, both):
    session = smtplib.SMTP(mail.address(mail.name), 587, timeout=30)
    session.ehlo()
    assert not session.has_extn("auth")
    with pytest.raises(smtplib.SMTPException):
        session.login(both[0].login, both[0].password)


def test_it_is_no_open_relay(mail, both):
    with mail.smtp() as session:
        assert not session.has_extn("auth")
        for to in (
            TO,
            f'"{TO}"@[{mail.address(mail.name)}]',
            "someone%world.example@alice.example.com",
            "@alice.example.com:someone@world.example",
            "world.example!someone",
        ):
            session.rset()
            session.mail("stranger@foreign.example")
            assert session.rcpt(to)[0] in (501, 504, 550, 554), to
        session.rset()
        session.mail("shop@alice.example.com")
        assert session.rcpt("known@bob.example.com")[0] == 554


def test_a_message_to_a_base_reaches_its_gateway(mail, both):
    with mail.smtp() as session:
        session.sendmail(
            "stranger@foreign.example",
            ["known@alice.example.com", "Known.2@Alice.Example.com"],
            "Delivered-To: forged@alice.example.com\r\n"
            + message("stranger@foreign.example", "x@y.z", word="incoming-1"),
        )
    taken = mail.taken("incoming-1")
    assert taken["host"] == "alice.example.com"
    assert taken["message"].startswith("Return-Path: <stranger@foreign.example>\r\n")
    assert "Delivered-To: known@alice.example.com\r\n" in taken["message"]
    assert "forged" not in taken["message"]


def test_each_base_of_one_message_gets_it(mail, both):
    with mail.smtp() as session:
        session.sendmail(
            "stranger@foreign.example",
            ["known@alice.example.com", "known@bob.example.com"],
            message("stranger@foreign.example", "x@y.z", word="incoming-2"),
        )
    mail.taken("Delivered-To: known@bob.example.com")
    hosts = {
        row["host"] for row in mail.look()["taken"] if "incoming-2" in row["message"]
    }
    assert hosts == {"alice.example.com", "bob.example.com"}


def test_unknown_addresses_are_refused_at_once(mail, both):
    with mail.smtp() as session:
        session.mail("stranger@foreign.example")
        assert session.rcpt("unknown@alice.example.com")[0] == 550
        assert session.rcpt("known@alice.example.com")[0] == 250
    with mail.submission(both[1]) as session:
        session.mail("shop@bob.example.com")
        assert session.rcpt("unknown@alice.example.com")[0] == 550


@pytest.mark.parametrize(
    "local",
    [
        '"|/bin/sh -c id"',
        '"/etc/passwd"',
        '":include:/etc/passwd"',
        '"a b"',
        "$(id)",
        "`id`",
        '"known@alice.example.com\\" RCPT TO:<x"',
        "../../known",
        "-oQ/tmp",
    ],
)
def test_hostile_local_parts_are_only_unknown(mail, both, local):
    with mail.smtp() as session:
        session.mail("stranger@foreign.example")
        code, _text = session.rcpt(f"{local}@alice.example.com")
        assert 500 <= code < 600, code


def test_smuggled_commands_do_not_work(mail, both):
    """A bare newline ends no message, so what follows it is not a command."""
    with mail.smtp() as session:
        session.mail("stranger@foreign.example")
        session.rcpt("known@alice.example.com")
        session.docmd("DATA")
        session.send(
            b"From: a@foreign.example\r\n\r\nsmuggled-1\n.\n"
            b"MAIL FROM:<evil@foreign.example>\nRCPT TO:<known@bob.example.com>\nDATA\n"
            b"smuggled-2\n.\n\r\n.\r\n"
        )
        session.getreply()
    mail.taken("smuggled-2")
    rows = [row for row in mail.look()["taken"] if "smuggled-2" in row["message"]]
    assert [row["host"] for row in rows] == ["alice.example.com"]
    assert "smuggled-1" in rows[0]["message"]


def test_a_base_that_is_away_makes_senders_wait(mail, both):
    mail.look("/pause")
    with mail.smtp() as session:
        session.mail("stranger@foreign.example")
        assert session.rcpt("known.later@alice.example.com")[0] == 451
        mail.look("/resume")
        assert session.rcpt("known.later@alice.example.com")[0] == 250


def test_a_base_that_hangs_stops_nobody_else(mail, both):
    """Its Odoo accepts and says nothing; the queue of Postfix is full of mail for it."""
    alice, bob = both
    crowd = [f"known.crowd{number}@alice.example.com" for number in range(40)]
    sender = "stranger@foreign.example"
    with mail.smtp() as session:
        session.mail(sender)
        for address in crowd:
            assert session.rcpt(address)[0] == 250
        session.rset()
        mail.look(f"/hang{alice.domain}")
        for address in crowd:
            session.sendmail(sender, [address], message(sender, address))
        word = "after-the-crowd"
        to = f"known.after@{bob.domain}"
        session.sendmail(sender, [to], message(sender, to, word))
    assert mail.taken(word)["host"] == bob.domain
    mail.look("/resume")


def test_a_stopped_base_makes_senders_wait_and_sends_nothing(mail, alice, bob):
    mail.publish(alice._replace(host=""), bob)
    with mail.smtp() as session:
        session.mail("stranger@foreign.example")
        assert session.rcpt("known@alice.example.com")[0] == 451
    with pytest.raises(smtplib.SMTPAuthenticationError):
        mail.submission(alice)


def test_a_withdrawn_base_is_unknown_at_once(mail, both):
    alice, bob = both
    key = f"{tables.FOLDER}/dkim/{alice.domain}.key"
    assert mail.place.get(key)
    assert mail.publish(bob)
    assert not mail.place.get(key)
    with mail.smtp() as session:
        session.mail("stranger@foreign.example")
        assert session.rcpt("known@alice.example.com")[0] == 554
        assert session.rcpt("known@bob.example.com")[0] == 250
    with pytest.raises(smtplib.SMTPAuthenticationError):
        mail.submission(alice)
    assert not mail.publish(bob)


def test_the_limit_is_each_base_s_own(mail, both):
    carol = mail.base("carol.example.com")
    mail.publish(*both, carol)
    text = message("x@carol.example.com")
    to = [f"crowd{number}@world.example" for number in range(mail.limit - 1)]
    with mail.submission(carol) as session:
        session.sendmail("x@carol.example.com", to, text)
        session.sendmail("x@carol.example.com", [TO], text)
        assert refused(session, "x@carol.example.com", text) == 452
    with mail.submission(both[1]) as session:
        session.sendmail("x@bob.example.com", [TO], message("x@bob.example.com"))


def test_a_restart_gives_no_new_hour_and_loses_nothing(mail, both):
    dave = mail.base("dave.example.com")
    mail.publish(*both, dave)
    text = message("x@dave.example.com")
    to = [f"crowd{number}@world.example" for number in range(mail.limit)]
    with mail.submission(dave) as session:
        session.sendmail("x@dave.example.com", to, text)
    mail.engine.container_restart(mail.name)
    mail.engine.wait_ready(mail.name, container.HEALTH, 60)
    with mail.submission(dave) as session:
        assert refused(session, "x@dave.example.com", text) == 452


def test_without_its_key_nothing_leaves_unsigned(mail, both):
    erin = mail.base("erin.example.com")
    mail.publish(*both, erin)
    mail.place.run(["rm", f"{tables.FOLDER}/dkim/{erin.domain}.key"])
    with mail.submission(erin) as session:
        text = message("x@erin.example.com")
        assert refused(session, "x@erin.example.com", text) == 451


def test_health_names_the_program_that_is_down(mail, both):
    mail.place.run(["sv", "down", "/usr/lib/clouder-mail/sv/dovecot"])
    try:
        result = mail.engine.exec(mail.name, container.HEALTH, check=False)
        assert result.status
        assert "dovecot" in result.output
    finally:
        mail.place.run(["sv", "up", "/usr/lib/clouder-mail/sv/dovecot"])
        mail.engine.wait_ready(mail.name, container.HEALTH, 30)


def test_secrets_stay_out_of_the_process_list_and_the_log(mail, both):
    alice = both[0]
    with mail.submission(alice):
        pass
    listing = mail.engine.exec(
        mail.name,
        ["sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ"],
        check=False,
    )
    assert "master" in listing.output
    seen = listing.output + mail.engine.container_log(mail.name, 2000)
    for secret in (alice.password, alice.gateway_key, KEY.decode()):
        assert secret not in seen


def test_a_crashed_program_is_started_again(mail, both):
    mail.place.run(["sv", "kill", "/usr/lib/clouder-mail/sv/gate"])
    mail.engine.wait_ready(mail.name, container.HEALTH, 30)
    with mail.smtp() as session:
        session.mail("stranger@foreign.example")
        assert session.rcpt("known@alice.example.com")[0] == 250
