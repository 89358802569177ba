"""The Docker Engine: the one that answers, or one that is installed and started."""

import json
import os
from pathlib import Path

from . import apt
from .checks import check_room
from .console import Stop
from .engine_api import Engine, EngineError
from .proc import alive, run, spawn, wait_for
from .settings import Settings

DAEMON_JSON = Path("/etc/docker/daemon.json")
# The engine's own pools give some thirty networks; each environment with services of its
# own takes one.
DAEMON = {"default-address-pools": [{"base": "10.200.0.0/13", "size": 24}]}
IPTABLES_LEGACY = "/usr/sbin/iptables-legacy"
START_SECONDS = 60
# An engine under load takes its time to take things away.
BUSY_SECONDS = 300


def ensure(settings: Settings) -> tuple[Engine, str]:
    """Find an engine that answers, or install and start one.

    :return: the engine, and what was done in words
    :raise Stop: none answers and none can be started; says why
    """
    engine = Engine(settings.engine)
    try:
        return engine, f"{_version(engine)} answers"
    except EngineError as error:
        reason = str(error)
    if settings.engine_given:
        raise Stop(
            f"The Docker Engine of DOCKER_HOST={engine.url} does not answer: {reason}"
        )
    if not settings.root:
        raise Stop(
            f"No Docker Engine answers on {engine.url} ({reason}) and only root can "
            "start one: join the group docker, give DOCKER_HOST, or run as root."
        )
    return engine, _start(settings, engine)


def room(settings: Settings, engine: Engine) -> str:
    """Check the room on the engine's disk, when it is a disk of this machine.

    :raise Stop: it is nearly full
    """
    info = engine.json("/info")
    folder = Path(info["DockerRootDir"])
    local = engine.socket_path and folder.exists()
    return check_room(settings, *([folder] if local else []))


def stop(settings: Settings) -> str:
    """Stop the engine that this command started; another one is left alone.

    :return: what was done, in words
    """
    pid_file = settings.state / "dockerd.pid"
    forget_dead(pid_file)
    if not pid_file.exists():
        return "not ours"
    pid = int(pid_file.read_text())
    os.kill(pid, 15)
    wait_for(
        "the Docker Engine to stop", lambda: (not alive(pid), f"process {pid}"), 60
    )
    pid_file.unlink()
    return "stopped"


def _version(engine: Engine) -> str:
    return str(engine.json("/version")["Version"])


def _start(settings: Settings, engine: Engine) -> str:
    apt.ensure(settings, ["docker.io", "iptables"])
    fresh = not DAEMON_JSON.exists()
    if fresh:
        DAEMON_JSON.parent.mkdir(parents=True, exist_ok=True)
        DAEMON_JSON.write_text(json.dumps(DAEMON, indent=2) + "\n")
    if Path("/run/systemd/system").exists():
        action = "restart" if fresh else "start"
        run(["systemctl", action, "docker"], log=settings.log("engine"))
        _wait(engine, None, settings)
    else:
        _start_daemon(settings, engine)
    return f"{_version(engine)} started"


def _start_daemon(settings: Settings, engine: Engine) -> None:
    try:
        _launch(settings, engine)
    except Stop:
        # Some kernels only have one of the two rule systems that iptables speaks.
        if "iptables" not in _log_end(settings) or not Path(IPTABLES_LEGACY).exists():
            raise
        argv = ["update-alternatives", "--set", "iptables", IPTABLES_LEGACY]
        run(argv, log=settings.log("engine"))
        _launch(settings, engine)


def _launch(settings: Settings, engine: Engine) -> None:
    forget_dead(Path("/var/run/docker.pid"))
    pid = spawn(["dockerd"], log=settings.log("dockerd"))
    (settings.state / "dockerd.pid").write_text(str(pid))
    _wait(engine, pid, settings)


def forget_dead(pid_file: Path) -> None:
    """Remove the file of an engine that is no more, as a hard stop leaves it.

    Its number may belong to another program by now.
    """
    if not pid_file.exists():
        return
    command = Path(f"/proc/{pid_file.read_text().strip()}/comm")
    if not command.exists() or command.read_text().strip() != "dockerd":
        pid_file.unlink()


def _wait(engine: Engine, pid: int | None, settings: Settings) -> None:
    def look() -> tuple[bool, str]:
        if pid and not alive(pid):
            raise Stop(f"The Docker Engine did not start:\n{_log_end(settings)}")
        try:
            return True, _version(engine)
        except EngineError as error:
            return False, str(error)

    wait_for("the Docker Engine to answer", look, START_SECONDS)


def _log_end(settings: Settings) -> str:
    log = settings.log("dockerd")
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-8:])


def remove_labelled(engine: Engine, label: str) -> str:
    """Remove the containers, networks and volumes that bear a label.

    :param label: `key=value` that only the objects of a dropped test database bear
    :return: how many went, in words
    :raise EngineError: the engine refused
    """
    filters = {"filters": json.dumps({"label": [label]})}
    gone = 0
    for item in engine.json("/containers/json", all="1", **filters):
        engine.call(
            "DELETE",
            f"/containers/{item['Id']}",
            query={"force": "1"},
            timeout=BUSY_SECONDS,
        )
        gone += 1
    for item in engine.json("/networks", **filters):
        engine.call("DELETE", f"/networks/{item['Id']}", timeout=BUSY_SECONDS)
        gone += 1
    for item in engine.json("/volumes", **filters)["Volumes"] or []:
        engine.call(
            "DELETE",
            f"/volumes/{item['Name']}",
            query={"force": "1"},
            timeout=BUSY_SECONDS,
        )
        gone += 1
    return f"{gone} removed"
