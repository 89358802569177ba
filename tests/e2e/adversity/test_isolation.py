"""Two customers on one node: neither reaches the other, nor the engine below them."""

import ipaddress
import json
import os
import pathlib

import pytest

from .. import hosted
from ..client import PREFIX
from ..conftest import deploy, service

OTHER = f"{PREFIX}-iso"
OTHER_ODOO = f"{OTHER}-odoo-odoo-exec"
LISTEN = "0A"
ENGINE_PORTS = (2375, 2376, 2377)
KNOCK = """
import json, socket, sys
def knock(host, port):
    try:
        socket.create_connection((host, port), 2).close()
        return "open"
    except OSError as error:
        return type(error).__name__
print(json.dumps([knock(host, port) for host, port in json.loads(sys.argv[1])]))
"""


@pytest.fixture(scope="module")
def other(infra):
    """Deploy an Odoo of another customer; it uses the PostgreSQL of the first."""
    api = infra.api
    partner = api.create("res.partner", {"name": "Another customer"})
    environment = api.create(
        "clouder.environment",
        {"name": "Another", "prefix": OTHER, "partner_id": partner},
    )
    # Only what is public is there for other customers.
    api("clouder.service", "write", [infra.postgres], {"public": True})
    record = service(api, environment, infra.node, "odoo")
    api("clouder.service", "write", [infra.postgres], {"public": False})
    [link] = api("clouder.service.link", "search", [
        ["service_id", "child_of", record], ["code", "=", "postgres"],
        ["service_id", "!=", record],
    ])  # fmt: skip
    api("clouder.service.link", "write", [link], {"target": infra.postgres})
    deploy(api, record)
    yield environment
    status = api.follow(api("clouder.service", "purge", [record], data=True))
    assert status["state"] == "done", api.story(status)
    api("clouder.service", "unlink", [record])
    api("clouder.environment", "unlink", [environment])


def knock(container, targets):
    """Return what became of a TCP connection from a container to each target."""
    status, output = container.exec_run(
        ["python3", "-c", KNOCK, json.dumps([list(target) for target in targets])]
    )
    assert status == 0, output
    return dict(zip(targets, json.loads(output), strict=True))


def listening(container):
    """Return the TCP ports that something in a container listens on."""
    tables = container.exec_run(["cat", "/proc/net/tcp", "/proc/net/tcp6"]).output
    rows = [line.split() for line in tables.decode().splitlines()]
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if len(row) > 3 and row[3] == LISTEN
    }


def own_containers(engine, prefix):
    return [
        container
        for container in engine.containers.list()
        if container.name.startswith(f"{prefix}-")
        and f"{prefix}-iso-" not in container.name
    ]


def targets_of(container):
    """Return (host, port) for the names and addresses of a container."""
    ends = container.attrs["NetworkSettings"]["Networks"].values()
    hosts = {container.name, container.id[:12], *(end["IPAddress"] for end in ends)}
    return [
        (host, port) for host in sorted(hosts) for port in sorted(listening(container))
    ]


@pytest.mark.parametrize(("here", "there"), [(PREFIX, OTHER), (OTHER, PREFIX)])
def test_no_container_reaches_the_other_customer(infra, other, engine, here, there):
    source = engine.containers.get(f"{here}-odoo-odoo-exec")
    targets = [
        target
        for container in own_containers(engine, there)
        if container.name != hosted.POSTGRES
        for target in targets_of(container)
    ]
    assert len(targets) > 3
    assert "open" not in knock(source, targets).values()


def test_both_reach_the_postgres_they_share(infra, other, engine):
    target = (hosted.POSTGRES, 5432)
    for name in (hosted.ODOO, OTHER_ODOO):
        assert knock(engine.containers.get(name), [target]) == {target: "open"}


def test_the_shared_postgres_is_reached_in_the_own_network_only(infra, other, engine):
    """Its address in the network of its owner stays out of reach for the guest."""
    networks = engine.containers.get(hosted.POSTGRES).attrs["NetworkSettings"][
        "Networks"
    ]
    assert set(networks) == {f"clouder-{PREFIX}", f"clouder-{OTHER}"}
    inner = (networks[f"clouder-{PREFIX}"]["IPAddress"], 5432)
    guest = engine.containers.get(OTHER_ODOO)
    assert knock(guest, [inner])[inner] != "open"


def test_a_guest_of_the_shared_postgres_reads_no_other_database(infra, other, engine):
    """The role of one customer's Odoo cannot connect to the databases of the other."""
    base = infra.running_base()
    database = infra.api.read("clouder.base", base, "fulldomain")
    program = (
        "import configparser, psycopg2, sys\n"
        "c = configparser.RawConfigParser(); c.read('/etc/clouder/odoo.conf')\n"
        "o = c['options']\n"
        "psycopg2.connect(host=o['db_host'], port=o['db_port'], user=o['db_user'],\n"
        "    password=o['db_password'], dbname=sys.argv[1])\n"
    )
    mine = engine.containers.get(hosted.ODOO)
    assert mine.exec_run(["python3", "-c", program, database]).exit_code == 0
    guest = engine.containers.get(OTHER_ODOO)
    status, output = guest.exec_run(["python3", "-c", program, database])
    assert status != 0
    assert b"permission denied for database" in output, output


def test_nobody_reaches_the_engine_or_the_control_plane(infra, other, engine):
    port = int(os.environ["CLOUDER_E2E_URL"].rpartition(":")[2])
    node = {
        str(next(ipaddress.ip_network(pool["Subnet"]).hosts()))
        for network in engine.networks.list()
        for pool in network.attrs["IPAM"]["Config"] or ()
    }
    assert len(node) > 2
    targets = [
        (address, number) for address in node for number in (*ENGINE_PORTS, port)
    ]
    for name in (hosted.ODOO, OTHER_ODOO):
        container = engine.containers.get(name)
        assert "open" not in knock(container, targets).values()
        for path in ("/var/run/docker.sock", "/run/docker.sock"):
            assert container.exec_run(["test", "-e", path]).exit_code == 1


def test_every_container_is_hardened(infra, other, engine):
    containers = own_containers(engine, PREFIX) + own_containers(engine, OTHER)
    assert len(containers) >= 4
    for container in containers:
        faults = unhardened(container)
        assert not faults, (container.name, faults)


def unhardened(container):
    """Yield what a container has that it should not have, in words."""
    attrs = container.attrs
    host = attrs["HostConfig"]
    wanted = {
        "CapDrop": ["ALL"],
        "Privileged": False,
        "ReadonlyRootfs": True,
        "PidMode": "",
        "UTSMode": "",
        "UsernsMode": "",
        "IpcMode": "private",
        "Binds": None,
        "Devices": None,
        "VolumesFrom": None,
        "Links": None,
        "CapAdd": None,
    }
    faults = [f"{key}: {host[key]}" for key, value in wanted.items()
              if (host[key] or None) != (value or None)]  # fmt: skip
    if host["SecurityOpt"] != ["no-new-privileges:true"]:
        faults.append(f"SecurityOpt: {host['SecurityOpt']}")
    if host["NetworkMode"] in ("host", "default", "bridge"):
        faults.append(f"NetworkMode: {host['NetworkMode']}")
    if not host["PidsLimit"]:
        faults.append("no limit of processes")
    if {mount["Type"] for mount in attrs["Mounts"]} - {"volume", "tmpfs"}:
        faults.append(f"Mounts: {attrs['Mounts']}")
    return faults + list(privileged_processes(container))


def privileged_processes(container):
    """Yield the processes of a container that run as root or hold capabilities."""
    for _uid, pid, *_rest in container.top()["Processes"]:
        status = dict(
            line.split(":\t", 1)
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
            if ":\t" in line
        )
        if status["Uid"].split()[0] == "0":
            yield f"process {pid} runs as root"
        for kind in ("CapEff", "CapPrm", "CapBnd"):
            if int(status[kind], 16):
                yield f"process {pid} has {kind} {status[kind]}"
        if status["NoNewPrivs"] != "1" or status["Seccomp"] != "2":
            yield f"process {pid}: NoNewPrivs {status['NoNewPrivs']}"


def test_limits_are_set_and_can_be_changed(infra, engine):
    api = infra.api
    record = service(
        api, infra.environment, infra.node, "postgres", "limited",
        memory_limit=256, cpu_limit=0.5, pids_limit=77,
    )  # fmt: skip
    deploy(api, record)
    assert limits(engine) == (256, 0.5, 77)
    api("clouder.service", "write", [record], {"memory_limit": 300, "pids_limit": 88})
    deploy(api, record)
    assert limits(engine) == (300, 0.5, 88)
    status = api.follow(api("clouder.service", "purge", [record], data=True))
    assert status["state"] == "done", api.story(status)
    api("clouder.service", "unlink", [record])


def limits(engine):
    host = engine.containers.get(f"{PREFIX}-limited").attrs["HostConfig"]
    return host["Memory"] / 1024**2, host["NanoCpus"] / 1e9, host["PidsLimit"]
