"""Mail of real bases: out with a signature, in through the gateway, and nobody else's."""

import json
import secrets
import smtplib

import dkim
import pytest
from clouder_lib.wait import wait_for
from clouder_rpc import ENDED

from ..conftest import DOMAIN
from ..names import SUFFIX as NAMES
from ..names import NameServer, deployed, ended, zone
from ..post import HOURLY_LIMIT, around, serving
from .test_odoo import admin_of

SUGGESTED = ("dns", "mail")

POST_DOMAIN = "post.test"
# The bases of these tests are copies of its template.
AHEAD = {
    "post-kind": lambda infra: {
        "option_ids": [infra.base_option("install_modules", "mail")]
    }
}


@pytest.fixture(scope="module")
def world(engine):
    with around(engine) as made:
        yield made


@pytest.fixture(scope="module")
def dns(infra, engine):
    """A name server of ours, which answers for the domain of the bases."""
    server = deployed(infra, "bind", NAMES)
    infra.post_domain = zone(infra, server, POST_DOMAIN)
    return NameServer(engine, NAMES)


@pytest.fixture(scope="module")
def post(infra, engine, world, dns):
    return serving(infra, engine, world, hourly_limit=str(HOURLY_LIMIT))


@pytest.fixture(scope="module")
def ordered(infra, post):
    """Order the bases of these tests, all at once; return their ids by what they are for.

    All but one have the module ``mail``.
    """

    def order(name, *options):
        return infra.create_base(
            f"{name}-{secrets.token_hex(3)}",
            option_ids=list(options),
            domain_id=infra.post_domain,
        )

    mail = infra.base_option("install_modules", "mail")
    made = {name: order(name, mail) for name in ("shop", "rival", "spare")}
    return {**made, "plain": order("plain")}


def running(infra, base):
    """Return a base that was ordered, when it runs."""
    infra.api.settle("clouder.base", base)
    assert infra.api.read("clouder.base", base, "state") == "running"
    return base


@pytest.fixture(scope="module")
def shop(infra, ordered):
    return running(infra, ordered["shop"])


@pytest.fixture(scope="module")
def rival(infra, ordered):
    return running(infra, ordered["rival"])


@pytest.fixture(scope="module")
def spare(infra, ordered):
    """A base that is stopped, overwritten and at the end purged."""
    return running(infra, ordered["spare"])


@pytest.fixture(scope="module")
def plain(infra, ordered):
    """A base without the module."""
    return running(infra, ordered["plain"])


def message(sender, to, word):
    """Return the text of a message."""
    return f"From: {sender}\r\nTo: {to}\r\nSubject: {word}\r\n\r\n{word}\r\n"


def answer(session, sender, to):
    """Return the status that a recipient gets."""
    session.rset()
    code, _text = session.mail(sender)
    return session.rcpt(to)[0] if code == 250 else code


def delivery(post, dns, to):
    """Return the status that a foreign server gets, which asks for the way first.

    Where it finds none it gives up for good, and its sender reads that.
    """
    domain = to.partition("@")[2]
    assert dns.ask(domain, "MX") == [f"10 mx.{DOMAIN}."]
    with post.outside() as session:
        return answer(session, "customer@world.example", to)


def refusal(session, sender, text, to="someone@world.example"):
    """Return the status with which a message is refused."""
    with pytest.raises(smtplib.SMTPException) as caught:
        session.sendmail(sender, [to], text)
    error = caught.value
    refused = getattr(error, "recipients", None)
    return refused[to][0] if refused else error.smtp_code


def test_the_link_works(infra, post, shop):
    link = post.link(shop)
    assert infra.api.read("clouder.base.link", link, "state") == "working"
    names = {(name, kind) for name, kind, _value in post.facts(shop)["dns_records"]}
    assert names >= {
        ("", "MX"), ("", "TXT"), ("clouder._domainkey", "TXT"), ("_dmarc", "TXT"),
    }  # fmt: skip


def test_odoo_sends_and_the_signature_verifies(infra, post, dns, world, shop):
    """The receiver looks the key up in our own name server, as anybody would."""
    domain = post.facts(shop)["domain"]
    to = f"customer-{secrets.token_hex(4)}@world.example"
    admin = admin_of(infra, shop)
    mail = admin.call(
        "mail.mail",
        "create",
        [
            {
                "subject": "Your order é",
                "email_to": to,
                "body_html": "<p>Thank you</p>",
                "email_from": "Somebody <somebody@elsewhere.example>",
            }
        ],
    )
    admin.call("mail.mail", "send", [mail] if isinstance(mail, int) else mail)
    envelope = world.message_to(to)
    assert envelope.mail_from.endswith(f"@{domain}")
    assert f"d={domain}".encode() in envelope.original_content
    asked = []

    def look_up(name, timeout=5):
        asked.append(name.decode())
        return next(iter(dns.texts(name.decode())), None)

    assert dkim.verify(envelope.original_content, dnsfunc=look_up)
    assert asked == [f"clouder._domainkey.{domain}."]
    changed = envelope.original_content + b"Pay me now\r\n"
    assert not dkim.verify(changed, dnsfunc=look_up)
    assert dns.texts(f"_dmarc.{domain}")[0].startswith(b"v=DMARC1")
    assert any(text.startswith(b"v=spf1") for text in dns.texts(domain))
    assert dns.ask(domain, "MX")


def test_a_message_to_an_alias_becomes_one_in_the_base(infra, post, shop):
    domain = post.facts(shop)["domain"]
    admin = admin_of(infra, shop)
    model = admin.call("ir.model", "search", [["model", "=", "res.partner"]])[0]
    admin.call(
        "mail.alias", "create", [{"alias_name": "info", "alias_model_id": model}]
    )
    word = f"question-{secrets.token_hex(4)}"
    with post.outside() as session:
        session.sendmail(
            "customer@world.example",
            [f"info@{domain}"],
            message("Customer <customer@world.example>", f"info@{domain}", word),
        )

    def look():
        found = admin.call(
            "mail.message",
            "search_read",
            [["subject", "=", word]],
            ["model", "res_id", "email_from"],
        )
        return bool(found), str(found)

    wait_for("the message in the base", look, 60)
    partner = admin.call("res.partner", "search_count", [["name", "=", word]])
    assert partner == 1


def test_unknown_addresses_are_refused(infra, post, shop):
    domain = post.facts(shop)["domain"]
    with post.outside() as session:
        sender = "customer@world.example"
        assert answer(session, sender, f"nobody@{domain}") == 550
        assert answer(session, sender, f"catchall@{domain}") == 250
        assert answer(session, sender, f"bounce@{domain}") == 250


def test_it_is_no_open_relay(infra, post, shop):
    domain = post.facts(shop)["domain"]
    with post.outside() as session:
        assert not session.has_extn("auth")
        for to in ("a@world.example", f"a%world.example@{domain}"):
            assert answer(session, "stranger@foreign.example", to) in (550, 554)
        # From outside nobody is who he says he is, the bases' own domains included.
        assert answer(session, f"boss@{domain}", f"bounce@{domain}") == 554


@pytest.mark.parametrize("tls", [False, True])
def test_the_submission_port_is_closed_without_a_login(infra, post, shop, rival, tls):
    """Not even to write as a base, or to one."""
    facts, domain = post.facts(shop), post.facts(shop)["domain"]
    other = post.facts(rival)["domain"]
    with post.submission(facts, tls) as session:
        assert session.has_extn("auth") == tls
        for sender in (f"x@{domain}", "stranger@foreign.example", ""):
            for to in ("a@world.example", f"bounce@{domain}", f"bounce@{other}"):
                assert answer(session, sender, to) == (554 if tls else 530), (
                    sender,
                    to,
                )


def test_no_base_sends_as_another(infra, post, shop, rival):
    own, other = post.facts(shop), post.facts(rival)
    mine, theirs = f"x@{own['domain']}", f"x@{other['domain']}"
    to = "someone@world.example"
    with post.inside(own) as session:
        assert refusal(session, theirs, message(mine, to, "envelope")) == 553
        assert refusal(session, mine, message(theirs, to, "header")) == 554
        two = message(f"{mine}\r\nFrom: {theirs}", to, "two headers")
        assert refusal(session, mine, two) == 554


def test_the_limit_is_each_base_s_own(infra, post, rival, shop):
    own = post.facts(rival)
    sender = f"x@{own['domain']}"
    crowd = [f"crowd{number}@world.example" for number in range(HOURLY_LIMIT)]
    text = message(sender, "crowd@world.example", "newsletter")
    with post.inside(own) as session:
        session.sendmail(sender, crowd, text)
        assert refusal(session, sender, text) == 452
    with post.inside(post.facts(shop)) as session:
        free = f"x@{post.facts(shop)['domain']}"
        session.sendmail(free, ["one@world.example"], message(free, "one", "still"))


def test_a_stopped_base_loses_no_mail(infra, post, dns, spare):
    facts = post.facts(spare)
    to = f"bounce@{facts['domain']}"
    for action, expected in (("stop", 451), ("start", 250)):
        ended(infra.api, infra.api("clouder.base", action, [spare]))
        assert delivery(post, dns, to) == expected
    with post.inside(facts):
        pass


def test_a_restart_takes_no_name_and_no_mail_away(infra, post, dns, spare):
    """Asked over and over while it restarts: a single no would be one for good."""
    facts, seen = post.facts(spare), set()
    domain = facts["domain"]
    addresses = dns.ask(domain)
    assert addresses
    job = infra.api("clouder.base", "restart", [spare])

    def look():
        assert dns.ask(domain) == addresses
        seen.add(delivery(post, dns, f"bounce@{domain}"))
        status = infra.api("clouder.job", "status", [job])
        return status["state"] in ENDED, str(status)

    wait_for(f"the end of job {job}", look, 120)
    ended(infra.api, job)
    assert seen <= {250, 451}
    with post.inside(facts):
        pass


def test_a_base_without_the_module_takes_no_mail_and_can_send(infra, post, plain):
    admin = admin_of(infra, plain)
    servers = admin.call(
        "ir.mail_server", "search_read", [], ["from_filter", "smtp_encryption"]
    )
    domain = post.facts(plain)["domain"]
    assert [server["from_filter"] for server in servers] == [domain]
    with post.outside() as session:
        assert answer(session, "customer@world.example", f"info@{domain}") in (
            550,
            451,
        )


def test_a_neutralised_copy_sends_nothing(infra, post, shop, spare):
    status = infra.api.follow(
        infra.api("clouder.base", "reset", [spare], source_id=shop)
    )
    assert status["state"] == "done", infra.api.story(status)
    admin = admin_of(infra, spare)
    servers = admin.call(
        "ir.mail_server",
        "search_read",
        [["active", "in", [True, False]]],
        ["smtp_host", "smtp_user", "smtp_pass", "active"],
    )
    live = [server["smtp_host"] for server in servers if server["active"]]
    assert live == ["invalid"]
    own, source = post.facts(spare), post.facts(shop)
    known = json.dumps(servers)
    assert source["password"] not in known
    assert source["user"] not in known
    assert own["user"] in known
    # It takes the mail of its own domain, with its own key.
    with post.outside() as session:
        assert answer(session, "c@world.example", f"bounce@{own['domain']}") == 250


def test_a_purged_base_is_unknown_to_the_mail_server(infra, post, dns, spare):
    facts = post.facts(spare)
    ended(infra.api, infra.api("clouder.base", "purge", [spare]))
    assert dns.code(facts["domain"]) == "NXDOMAIN"
    with pytest.raises(smtplib.SMTPAuthenticationError):
        post.inside(facts)
    with post.outside() as session:
        to = f"bounce@{facts['domain']}"
        assert answer(session, "customer@world.example", to) == 554
    listing = post.engine.containers.get(post.container).exec_run(
        ["grep", "-r", "-l", facts["domain"], "/srv/mail"]
    )
    assert facts["domain"] not in listing.output.decode()


def test_no_secret_is_written_down(infra, post, shop):
    facts = post.facts(shop)
    job = infra.api.last_job("clouder.base", shop)
    story = json.dumps(infra.api("clouder.job", "log", [job]))
    logs = post.engine.containers.get(post.container).logs().decode()
    for secret in (facts["password"], facts["gateway_key"]):
        assert secret not in story
        assert secret not in logs
