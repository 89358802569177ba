"""How long a record takes until the name server answers with it, against ``nsupdate``."""

import re
import secrets
import time

from tests.bind_lib import records, server

from . import nsupdate
from .figures import median, ratio_lines, say, seconds, table
from .world import PREFIX, application

ZONE = f"{PREFIX}.test"
PORT = 5353
GOAL = 1.5
ADDRESS = "192.0.2.1"


def measure(world, times):
    """Return the report: our signed update, ``nsupdate``, and the job of a link."""
    service = have_server(world)
    domain = _have_zone(world, service)
    container = world.engine.containers.get(f"{PREFIX}-bind")
    key = _update_key(container)
    networks = container.attrs["NetworkSettings"]["Networks"]
    address = networks[f"clouder-{PREFIX}"]["IPAddress"]
    client = server.Server(address, PORT, key)
    kept = nsupdate.Kept(container, PORT, ZONE, key)
    seen = {"ours": [], "kept": [], "process": []}
    try:
        for number in range(max(times, 20)):
            seen["ours"].append(nsupdate.clocked(lambda: _publish(client)))
            seen["kept"].append(nsupdate.clocked(lambda: _bare(client, kept)))
            seen["process"].append(_process(container, key))
            last = " ".join(f"{row[-1] * 1000:.1f}" for row in seen.values())
            say(f"record {number + 1}: {last} ms")
    finally:
        kept.close()
    jobs = _link_jobs(world, domain, client, times)
    world.api.ended(world.api("clouder.domain", "remove_zone", [domain]))
    return _report(seen, jobs)


def _report(seen, jobs):
    bare, process = median(seen["kept"]), median(seen["process"])
    lines = ratio_lines(seen["ours"], seen["kept"], GOAL)
    rows = [
        ("Clouder: the update alone", seen["ours"]),
        ("Clouder: the job of a link, from the order over RPC", jobs),
        ("`nsupdate`, kept open", seen["kept"]),
        ("`nsupdate` and `dig`, started for each record", seen["process"]),
    ]
    return [
        "## A record until the name server answers with it",
        "",
        "Both are measured until the server has answered a question over UDP with the "
        "record, from the same program. Clouder: what a link does to publish a name: look "
        "at what is there, one signed update. Bare: one `nsupdate` that is kept open.",
        "",
        *(line.replace("bare SDK", "nsupdate") for line in lines),
        "",
        *table(
            ("until the answer", "median", "to nsupdate kept open", "to the processes"),
            [
                (
                    name,
                    seconds(median(row)),
                    f"{median(row) / bare:.2f}",
                    f"{median(row) / process:.2f}",
                )
                for name, row in rows
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
    wanted = records.collect([["", "A", ADDRESS]], host)
    client.publish(ZONE, {}, wanted, 300)
    assert client.ask_udp(host, "A").answer


def _bare(client, kept):
    host = _host()
    kept.add(host, ADDRESS)
    assert client.ask_udp(host, "A").answer


def _process(container, key):
    return nsupdate.process(
        container, port=PORT, zone=ZONE, key=key, host=_host(), address=ADDRESS
    )


def _link_jobs(world, domain, client, times):
    """Have the name of a base withdrawn and published; return how long the latter took."""
    api = world.api
    values = {**world.base_values(), "domain_id": domain}
    base = api.create("clouder.base", values)
    api.ended(api.last_job("clouder.base", base))
    link = api.find("clouder.base.link", ("base_id", "=", base), ("code", "=", "dns"))
    host = f"{values['name']}.{ZONE}"
    taken = []
    for _time in range(times):
        api.ended(api("clouder.base.link", "withdraw", [link]))
        assert not client.look([(host, "A")])
        begun = time.monotonic()
        job = api("clouder.base.link", "deploy", [link])
        api.ended(job)
        assert client.ask_udp(host, "A").answer
        taken.append(time.monotonic() - begun)
    api.ended(api("clouder.base", "purge", [base]))
    api("clouder.base", "unlink", [base])
    return taken
