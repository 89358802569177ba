"""A service whose image is there already, against create, start and readiness."""

import copy
import secrets
import time

from .figures import clock, median, ratio_lines, say, seconds, table
from .floor import execute
from .timeline import Watcher
from .visitor import wait_answer
from .waiting import wait_until
from .world import PREFIX, application

GOAL = 1.5
CODES = ("postgres", "proxy")
GENERATION = "generation.clouder.invalid"


def measure(world, times):
    """Return the report for a PostgreSQL and for a proxy."""
    lines = ["## A service whose image is there", ""]
    for code in CODES:
        ours, steps, bare = [], [], []
        for number in range(times + 1):
            taken, seen = _deploy(world, code)
            floor = _bare(world, code)
            say(f"{code} {number}: {taken:.3f} {floor:.3f} s")
            if number:  # the first one fills caches
                ours.append(taken)
                steps.append(seen)
                bare.append(floor)
        lines += [f"**{code}**", "", *ratio_lines(ours, bare, GOAL), ""]
        lines += [*_steps(steps), ""]
    return lines


def _steps(taken):
    rows = [(name, seconds(median([one[name] for one in taken]))) for name in taken[0]]
    return table(("Clouder: step", "median"), rows)


def _deploy(world, code):
    """Deploy a new service of ``code``, remove it, and return how long it took."""
    values = {
        "environment_id": world.environment,
        "node_id": world.node,
        "application_id": application(world.api, code),
        "suffix": f"s{secrets.token_hex(4)}",
    }
    with Watcher("clouder.service") as watcher:
        begun = time.monotonic()
        service = world.api.create("clouder.service", values)
        world.api.ended(world.api.last_job("clouder.service", service))
        taken = time.monotonic() - begun
    steps = {hook: end - begin for hook, (begin, end) in watcher.steps().items()}
    world.api.ended(world.api("clouder.service", "purge", [service], data=True))
    world.api("clouder.service", "unlink", [service])
    return taken, steps


def _bare(world, code):
    """Make a container like the shared one of ``code``; return how long it took."""
    model = world.container(code)
    name = f"{PREFIX}-floor-{secrets.token_hex(4)}"
    config, volumes = _like(model, name)
    files = {"/etc/clouder": _archive(model, "/etc/clouder")}
    health = _health(model, code)
    routes = {"/srv/proxy": _archive(model, "/srv/proxy")} if code == "proxy" else {}

    def work():
        container = _start(world.engine, name, config, volumes, files, health)
        if routes:
            _configure(container, routes)

    try:
        taken, _none = clock(work)
    finally:
        _remove(world.engine, name, volumes)
    return taken


def _archive(container, folder):
    stream, _stat = container.get_archive(f"{folder}/.")
    return b"".join(stream)


def _start(engine, name, config, volumes, files, health):
    for volume in volumes:
        engine.volumes.create(volume)
    made = engine.api.create_container_from_config(config, name)
    for folder, archive in files.items():
        engine.api.put_archive(made["Id"], folder, archive)
    engine.api.start(made["Id"])
    container = engine.containers.get(made["Id"])
    wait_until(f"{name} is ready", lambda: container.exec_run(health)[0] == 0)
    return container


def _configure(container, files):
    """Give a running nginx its routes, as a person does: write, test, reload, look."""
    for folder, archive in files.items():
        container.put_archive(folder, archive)
    execute(container, ["nginx", "-t", "-q", "-c", "/etc/clouder/nginx.conf"])
    container.kill("HUP")
    container.reload()
    networks = container.attrs["NetworkSettings"]["Networks"]
    address = next(iter(networks.values()))["IPAddress"]
    wait_answer(GENERATION, 200, 8080, address)


def _remove(engine, name, volumes):
    engine.containers.get(name).remove(force=True, v=True)
    for volume in volumes:
        engine.volumes.get(volume).remove()


def _health(model, code):
    if code == "proxy":
        return ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8081"]
    return model.attrs["Config"]["Healthcheck"]["Test"][1:]


def _like(model, name):
    """Return the engine's form of a container like ``model``, and its volumes."""
    config = copy.deepcopy(model.attrs["Config"])
    host = copy.deepcopy(model.attrs["HostConfig"])
    volumes = []
    for number, mount in enumerate(host.get("Mounts") or []):
        mount["Source"] = f"{name}-{number}"
        mount.pop("VolumeOptions", None)
        volumes.append(mount["Source"])
    for bindings in (host.get("PortBindings") or {}).values():
        for binding in bindings:
            binding["HostPort"] = ""
    for word in ("Hostname", "Labels", "Volumes"):
        config.pop(word, None)
    network = next(iter(model.attrs["NetworkSettings"]["Networks"]))
    ends = {"EndpointsConfig": {network: {}}}
    return {**config, "HostConfig": host, "NetworkingConfig": ends}, volumes
