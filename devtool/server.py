"""An instance's Odoo server: started in the background, watched, stopped, restarted."""

import contextlib
import hashlib
import http.client
import json
import os
import signal
from pathlib import Path

from . import addons, checks, odoo_conf, venv
from .console import Stop
from .machine import Machine
from .proc import alive, indent, spawn, wait_for
from .settings import REPO, Instance, Settings

START_SECONDS = 120
STOP_SECONDS = 60
PATIENCE_SECONDS = 10


def log_file(settings: Settings, instance: Instance) -> Path:
    """Return the server's log."""
    return settings.home(instance) / "odoo.log"


def _pid_file(settings: Settings, instance: Instance) -> Path:
    return settings.home(instance) / "server.json"


def pid(settings: Settings, instance: Instance) -> int | None:
    """Return the process id of the running server, or None."""
    file = _pid_file(settings, instance)
    if not file.exists():
        return None
    number: int = json.loads(file.read_text())["pid"]
    command = Path(f"/proc/{number}/cmdline")
    conf = str(odoo_conf.path(settings, instance)).encode()
    # After a restart of the machine the number may belong to another program.
    if alive(number) and conf in command.read_bytes().split(b"\0"):
        return number
    return None


def code_digest() -> str:
    """Return a digest of all code and pins that a server holds in memory."""
    pins = (REPO / "requirements.txt").read_bytes()
    now = json.dumps(addons.digests(addons.names(tests=True)), sort_keys=True)
    return hashlib.sha256(pins + now.encode()).hexdigest()


def is_current(settings: Settings, instance: Instance) -> bool:
    """Return whether a server runs and runs the code of this checkout."""
    if pid(settings, instance) is None:
        return False
    started = json.loads(_pid_file(settings, instance).read_text())
    return bool(started["code"] == code_digest())


def start(machine: Machine, instance: Instance) -> str:
    """Start the server and wait until it answers.

    :return: what was done, in words
    :raise Stop: its port is taken, or it did not come up; shows the end of its log
    """
    settings = machine.settings
    running = pid(settings, instance)
    if running:
        _wait_healthy(settings, instance, running)
        return "running"
    checks.check_port(instance.http_port, f"Odoo ({instance.name})")
    conf = odoo_conf.path(settings, instance)
    python = str(venv.odoo_python(settings, machine.odoo))
    log = log_file(settings, instance)
    code = code_digest()
    number = spawn([python, "-m", "odoo", "-c", str(conf)], log=log)
    state = json.dumps({"pid": number, "code": code, "python": python})
    _pid_file(settings, instance).write_text(state)
    _wait_healthy(settings, instance, number)
    return "started"


def _wait_healthy(settings: Settings, instance: Instance, number: int) -> None:
    def look() -> tuple[bool, str]:
        if not alive(number):
            tail = log_file(settings, instance).read_text(errors="replace")
            raise Stop(f"The Odoo server ended at once:\n{indent(tail, 25)}")
        connection = http.client.HTTPConnection(
            "127.0.0.1", instance.http_port, timeout=30
        )
        try:
            connection.request("GET", "/web/health")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return False, f"{type(error).__name__}: {error}"
        finally:
            connection.close()
        return status == 200, f"status {status}"

    wait_for(f"Odoo to answer on port {instance.http_port}", look, START_SECONDS)


def stop(settings: Settings, instance: Instance, *, hard: bool = False) -> str:
    """Stop the server and wait until it is gone.

    :param hard: end it at once, as a crash would (for tests)
    :return: what was done, in words
    :raise Stop: it is still there after a minute

    A server waits for its running jobs before it ends; after a while it is ended all
    the same, and the jobs go on where they were when it is back.
    """
    number = pid(settings, instance)
    if number is None:
        return "not running"
    what = f"the server of {instance.name} to end"

    def gone() -> tuple[bool, str]:
        return not alive(number), f"process {number} runs"

    if not hard:
        os.kill(number, signal.SIGTERM)
        with contextlib.suppress(Stop):
            wait_for(what, gone, PATIENCE_SECONDS)
            return "stopped"
    os.kill(number, signal.SIGKILL)
    wait_for(what, gone, STOP_SECONDS)
    return "killed"
