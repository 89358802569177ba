"""Many bases ordered at once, each with its route, its records and its mail."""

import json
import os
import smtplib
import ssl
import time

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

from . import base
from . import dns as names
from .figures import say, seconds, table
from .visitor import status_of
from .waiting import wait_until
from .world import PREFIX, application

COUNT = int(os.environ.get("CLOUDER_BENCH_MANY", "200"))
DEADLINE_S = 3600
SENDER = "customer@world.example"
# The answer to the question whether the base, which has to be loaded, knows an address.
MAIL_SECONDS = 90


def measure(world, _times):
    """Return the report: bases a minute, reloads, and who lacks something at the end.

    What a base lacks is also noted in ``world.unmet``.
    """
    _have_links(world)
    base.order(world)  # the first one makes the template
    before = _reloads(world)
    begun = time.monotonic()
    bases = [
        world.api.create("clouder.base", world.base_values()) for _ in range(COUNT)
    ]
    ordered = time.monotonic()
    try:
        wait_until("all jobs have ended", lambda: _ended(world, bases), DEADLINE_S)
        taken = time.monotonic() - begun
        reloads = _reloads(world) - before
        lacking = _lacking(world, bases)
    finally:
        base.forget(world)
    rows = [
        ("bases ordered by one script, one after the other", COUNT),
        ("until the last order was taken", seconds(ordered - begun)),
        ("until the last job had ended", seconds(taken)),
        ("bases a minute", f"**{COUNT / taken * 60:.0f}**"),
        ("reloads of the proxy", f"**{reloads}**"),
        *((f"{what} at the end", len(hosts)) for what, hosts in lacking.items()),
    ]
    for what, hosts in lacking.items():
        world.unmet += [f"{host}: {what}" for host in hosts]
    return [
        f"## {COUNT} bases at once, with DNS, proxy and mail",
        "",
        *table(("", ""), rows),
        "",
    ]


def _lacking(world, bases):
    """Return the host names of the bases that lack something, by what it is."""
    rows = _read(world, bases)
    for row in rows:
        if row["state"] != "running":
            say(f"{row['fulldomain']}: {row['error']}")
    found = {"failed": [row["fulldomain"] for row in rows if row["state"] != "running"]}
    facts = _facts(world, bases)
    checks = {
        "not served by the proxy": lambda host: _served(world, host),
        "not answered by the DNS server": lambda host: _named(world, host, "A"),
        "without the mail records in DNS": lambda host: _named(world, host, "MX"),
        "without a login at the mail server": lambda host: _sends(world, facts, host),
        "with unknown mail addresses": lambda host: _receives(world, host),
    }
    found.update({what: [] for what in checks})
    # All of one base, then the next: an Odoo keeps only some bases loaded.
    for row in rows:
        for what, check in checks.items():
            if not check(row["fulldomain"]):
                found[what].append(row["fulldomain"])
    return found


def _have_links(world):
    """Have what the bases are linked to besides the proxy."""
    bind = names.have_server(world)
    world.api("clouder.domain", "write", [world.domain], {"dns_id": bind})
    found = world.api.find(
        "clouder.service",
        ("environment_id", "=", world.environment),
        ("suffix", "=", "postfix"),
    )
    postfix = found or world.api.create(
        "clouder.service",
        {
            "environment_id": world.environment,
            "node_id": world.node,
            "application_id": application(world.api, "postfix"),
            "suffix": "postfix",
        },
        clouder_no_deploy=True,
    )
    world.api.ended(world.api("clouder.service", "deploy", [postfix]))
    # A base without this module has no address.
    world.base_options["install_modules"] = "mail"


def _read(world, bases):
    fields = ["fulldomain", "state", "error"]
    return world.api("clouder.base", "read", bases, fields=fields)


def _ended(world, bases):
    rows = world.sql(
        "SELECT count(*) FROM clouder_job WHERE res_model = 'clouder.base' "
        "AND res_id = ANY(%s) AND state IN ('pending', 'running', 'retrying')",
        bases,
    )
    return not rows[0][0]


def _reloads(world):
    return world.api.read("clouder.service", world.services["proxy"], "reload_count")


def _served(world, host):
    return status_of(host, world.proxy_port, path="/web/login")[0] == 200


def _named(world, host, kind):
    query = dns.message.make_query(host, dns.rdatatype.from_text(kind))
    try:
        answer = dns.query.tcp(
            query, _address(world, "bind"), port=names.PORT, timeout=5
        )
    except (OSError, dns.exception.DNSException):
        return False
    return bool(answer.answer)


def _address(world, suffix):
    container = world.engine.containers.get(f"{PREFIX}-{suffix}")
    networks = container.attrs["NetworkSettings"]["Networks"]
    return networks[f"clouder-{PREFIX}"]["IPAddress"]


def _facts(world, bases):
    """Return what the mail server told each base, by host name."""
    rows = world.api(
        "clouder.base.link",
        "search_read",
        [("base_id", "in", bases), ("code", "=", "mail")],
        fields=["facts"],
    )
    facts = [json.loads(row["facts"] or "{}") for row in rows]
    return {one["domain"]: one for one in facts if one.get("domain")}


def _sends(world, facts, host):
    """Tell whether the login of a base is let in, and may write to the world."""
    own = facts.get(host)
    if not own:
        return False
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with smtplib.SMTP(
            _address(world, "postfix"), own["port"], timeout=MAIL_SECONDS
        ) as session:
            session.starttls(context=context)
            session.login(own["user"], own["password"])
            return _taken(session, f"shop@{host}", "someone@world.example")
    except (OSError, smtplib.SMTPException) as error:
        say(f"{host}: {error}")
        return False


def _receives(world, host):
    """Tell whether the mail server takes what the world writes to a base."""
    try:
        with smtplib.SMTP(
            _address(world, "postfix"), 25, timeout=MAIL_SECONDS
        ) as session:
            session.ehlo("mail.world.example")
            unknown = _taken(session, SENDER, f"nobody-at-all@{host}")
            return not unknown and _taken(session, SENDER, f"bounce@{host}")
    except (OSError, smtplib.SMTPException) as error:
        say(f"{host}: {error}")
        return False


def _taken(session, sender, to):
    session.rset()
    code, _text = session.mail(sender)
    return code == 250 and session.rcpt(to)[0] == 250
