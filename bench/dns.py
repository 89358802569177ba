"""How long a record takes until the name server answers with it, against ``nsupdate``."""

import re
import secrets
import time

from tests.bind_lib import records, server

from .figures import median, ratio_lines, say, seconds, table
from .world import PREFIX, application

ZONE = f"{PREFIX}.test"
PORT = 5353
GOAL = 1.5
ADDRESS = "192.0.2.1"
MORE = 49
# Timed in the container, so that what it takes to get in there does not count.
BARE = """
begun=$(date +%s%N)
nsupdate <<END
server 127.0.0.1 {port}
zone {zone}
key hmac-sha256:clouder-update {key}
{updates}
END
echo $(( $(date +%s%N) - begun ))
"""


def measure(world, times):
    """Return the report: our signed update, ``nsupdate``, and a whole job."""
    service = have_server(world)
    domain = _have_zone(world, service)
    container = world.engine.containers.get(f"{PREFIX}-bind")
    key = _update_key(container)
    networks = container.attrs["NetworkSettings"]["Networks"]
    address = networks[f"clouder-{PREFIX}"]["IPAddress"]
    client = server.Server(address, PORT, key)
    ours, bare = [], []
    for number in range(max(times, 20)):
        ours.append(_publish(client))
        bare.append(_nsupdate(container, key))
        say(f"record {number + 1}: {ours[-1] * 1000:.1f} {bare[-1] * 1000:.1f} ms")
    jobs = [_job(world, domain, client) for _time in range(times)]
    kept = (_nsupdate(container, key, 1 + MORE) - median(bare)) / MORE
    world.api.ended(world.api("clouder.domain", "remove_zone", [domain]))
    return _report(ours, bare, median(jobs), kept)


def _report(ours, bare, job, kept):
    lines = ratio_lines(ours, bare, GOAL)
    return [
        "## A record until the name server answers with it",
        "",
        "Clouder: what a link does to publish a name: look at what is there, one signed "
        "update, and here a question over UDP that proves it. Bare: the program "
        "`nsupdate` in the server's own container, until its update is confirmed.",
        "",
        *(line.replace("bare SDK", "nsupdate") for line in lines),
        "",
        *table(
            ("beside that", "time"),
            [
                ("Clouder: RPC, queue, step, a question over UDP", seconds(job)),
                ("`nsupdate`, each further update of one that runs", seconds(kept)),
            ],
        ),
        "",
    ]


def have_server(world):
    """Return the id of a name server that runs and takes no port of the machine."""
    api = world.api
    found = api.find(
        "clouder.service",
        ("environment_id", "=", world.environment),
        ("suffix", "=", "bind"),
    )
    service = found or api.create(
        "clouder.service",
        {
            "environment_id": world.environment,
            "suffix": "bind",
            "application_id": application(api, "bind"),
            "node_id": world.node,
        },
        clouder_no_deploy=True,
    )
    ports = api("clouder.service.port", "search", [("service_id", "=", service)])
    api("clouder.service.port", "write", ports, {"expose": "local", "hostport": 0})
    api.ended(api("clouder.service", "deploy", [service]))
    return service


def _have_zone(world, service):
    api = world.api
    domain = api.find("clouder.domain", ("name", "=", ZONE)) or api.create(
        "clouder.domain",
        {"name": ZONE, "organisation": PREFIX, "dns_id": service},
        clouder_no_deploy=True,
    )
    api.ended(api("clouder.domain", "deploy_zone", [domain]))
    return domain


def _update_key(container):
    _status, text = container.exec_run(["cat", "/etc/clouder/keys.conf"])
    found = re.search(r'key "clouder-update".*?secret "([^"]+)"', text.decode(), re.S)
    return found[1]


def _host():
    return f"r{secrets.token_hex(6)}.{ZONE}"


def _publish(client):
    host = _host()
    begun = time.monotonic()
    wanted = records.collect([["", "A", ADDRESS]], host)
    client.publish(ZONE, {}, wanted, 300)
    assert client.ask_udp(host, "A").answer
    return time.monotonic() - begun


def _nsupdate(container, key, count=1):
    """Return how long ``nsupdate`` took for ``count`` updates, one after the other."""
    updates = "\n".join(
        f"update add {_host()} 300 A {ADDRESS}\nsend" for _number in range(count)
    )
    script = BARE.format(port=PORT, zone=ZONE, key=key, updates=updates)
    status, output = container.exec_run(["sh", "-c", script])
    assert status == 0, output
    return int(output.decode().split()[-1]) / 1e9


def _job(world, domain, client):
    """Order a wildcard, and return how long it took until it was answered with."""
    target = {"wildcard_target": world.services["proxy"]}
    begun = time.monotonic()
    world.api("clouder.domain", "write", [domain], target)
    world.api.ended(world.api("clouder.domain", "deploy_zone", [domain]))
    assert client.ask_udp(_host(), "A").answer
    taken = time.monotonic() - begun
    world.api("clouder.domain", "write", [domain], {"wildcard_target": False})
    world.api.ended(world.api("clouder.domain", "deploy_zone", [domain]))
    return taken
