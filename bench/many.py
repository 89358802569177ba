"""Many bases ordered at once, each with its route, its records and its mail."""

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

COUNT = 200
DEADLINE_S = 3600


def measure(world, _times):
    """Return the report: bases a minute, reloads, and who is not served at the end."""
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
        hosts = [row["fulldomain"] for row in _read(world, bases)]
        dead = [host for host in hosts if not _served(world, host)]
        unnamed = [host for host in hosts if not _named(world, host)]
        failed = [row for row in _read(world, bases) if row["state"] != "running"]
    finally:
        base.forget(world)
    for row in failed[:3]:
        say(f"{row['fulldomain']}: {row['error']}")
    rows = [
        ("bases ordered by one script, one after the other", COUNT),
        ("until the last order was taken", seconds(ordered - begun)),
        ("until the last job had ended", seconds(taken)),
        ("bases a minute", f"**{COUNT / taken * 60:.0f}**"),
        ("reloads of the proxy", f"**{reloads}**"),
        ("failed", len(failed)),
        ("not served by the proxy at the end", len(dead)),
        ("not answered by the DNS server at the end", len(unnamed)),
    ]
    return [
        f"## {COUNT} bases at once, with DNS, proxy and mail",
        "",
        *table(("", ""), rows),
        "",
    ]


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


def _named(world, host):
    query = dns.message.make_query(host, dns.rdatatype.A)
    container = world.engine.containers.get(f"{PREFIX}-bind")
    networks = container.attrs["NetworkSettings"]["Networks"]
    address = networks[f"clouder-{PREFIX}"]["IPAddress"]
    try:
        answer = dns.query.tcp(query, address, port=names.PORT, timeout=5)
    except (OSError, dns.exception.DNSException):
        return False
    return bool(answer.answer)
