"""Tests and benchmarks that speak to a Clouder server which is started for them."""

import shlex
import sys
from dataclasses import dataclass

from . import database, engine, instances, postgres, pytests, server
from .console import Stop, step
from .engine_api import EngineError
from .machine import Machine
from .results import Result
from .settings import INSTANCES, REPO, Instance

LABEL_DATABASE = "clouder.database"


@dataclass(frozen=True)
class Served:
    """Folders whose tests share a server, and what keeps it apart from the others.

    :param folders: below tests/
    :param prefix: the first word of the names of all that it has on the engine
    :param first_port: of the thousand that its containers may take on the node
    """

    folders: tuple[str, ...]
    instance: Instance
    prefix: str
    first_port: int


SERVERS = (
    Served(("e2e/features",), INSTANCES["test"], "e2e", 19000),
    Served(
        ("e2e/adversity", "e2e/links", "security"),
        INSTANCES["adversity"],
        "adv",
        20000,
    ),
)


def of_path(path: str) -> list[tuple[Served, list[str]]]:
    """Return the servers that the tests at a path need, each with what it runs.

    :param path: from the top of the repository
    :return: empty when the tests there need no server
    """
    found = []
    for one in SERVERS:
        folders = [f"tests/{folder}" for folder in one.folders]
        if path.startswith(tuple(folders)):
            found.append((one, [path]))
        elif inside := [name for name in folders if name.startswith(f"{path}/")]:
            found.append((one, inside))
    return found


def run(ready: Machine, one: Served, paths: list[str]) -> list[Result]:
    """Run tests against a server that is started for them, from an empty database.

    :param paths: from the top of the repository
    """
    clear_engine(ready, one.instance)
    password = instances.up(ready, one.instance, fresh=True, tests=True)
    environ = {
        **environment(ready, one.instance, password),
        "CLOUDER_E2E_PREFIX": one.prefix,
        "CLOUDER_E2E_FIRST_PORT": str(one.first_port),
    }
    try:
        return [
            result
            for path in paths
            for result in pytests.run_path(ready.settings, path, environ)
        ]
    finally:
        server.stop(ready.settings, one.instance)


def clear_engine(ready: Machine, instance: Instance) -> None:
    """Remove what an earlier run of a test instance left on the engine.

    Everything Clouder makes bears the uuid of its database; this one is going to
    be dropped.

    :raise Stop: the engine refused
    """
    if not database.exists(ready, instance) or ready.engine is None:
        return
    sql = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
    uuid = postgres.psql(ready.settings, ready.postgres, instance.database, sql)
    with step("What the last run left on the engine") as now:
        server.stop(ready.settings, instance)
        try:
            label = f"{LABEL_DATABASE}={uuid}"
            now.note = (
                engine.remove_labelled(ready.engine, label) if uuid else "nothing"
            )
        except EngineError as error:
            raise Stop(f"The engine keeps what the last run left: {error}") from error


def environment(ready: Machine, instance: Instance, password: str) -> dict[str, str]:
    """Return the variables that tell tests and benchmarks where the instance is."""
    dev = [sys.executable, str(REPO / "dev")]
    control = [*dev, "server", instance.name]
    return {
        "CLOUDER_E2E_URL": f"http://127.0.0.1:{instance.http_port}",
        "CLOUDER_E2E_DB": instance.database,
        "CLOUDER_E2E_LOGIN": "admin",
        "CLOUDER_E2E_PASSWORD": password,
        "CLOUDER_E2E_PROXY_HTTP": str(instance.proxy_http),
        "CLOUDER_E2E_PROXY_HTTPS": str(instance.proxy_https),
        "CLOUDER_E2E_STATE": str(ready.settings.home(instance)),
        "CLOUDER_E2E_ENGINE": ready.settings.engine,
        # What browsers show is kept here, for people to look at.
        "CLOUDER_E2E_PICTURES": str(ready.settings.logs / "pictures"),
        # Words for shlex, to which stop, kill, start or status is added.
        "CLOUDER_E2E_SERVER_CTL": shlex.join(control),
        # Runs the script that it is given on standard input.
        "CLOUDER_E2E_SHELL": shlex.join([*dev, "shell", "--instance", instance.name]),
        **ready.postgres.environ(),
    }
