"""`./dev test`: lint, tests without Odoo, addon tests, tours, and end to end."""

import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from . import (
    addons,
    database,
    engine,
    instances,
    lint,
    machine,
    odoo_conf,
    postgres,
    server,
)
from .console import Stop, say, step
from .engine_api import EngineError
from .machine import Machine
from .proc import CommandFailed, run
from .results import Result, from_junit, from_odoo, show_failures, summary
from .settings import INSTANCES, REPO, Instance, Settings

# Folders of tests/ that need neither an engine nor a browser nor a server.
FAST_FOLDERS = ("unit", "tooling", "docs")
# Folders whose tests speak to a server; those of the second deploy to an engine, too.
SERVED = ("security", "e2e")
TOUR_TAG = "clouder_tour"
ENGINE_TAG = "clouder_engine"
LABEL_DATABASE = "clouder.database"
ODOO_LINT = (
    "TestNaming",
    "TestLintOverrideSignatures",
    "RoutesLinter",
    "TestIndex",
    "TestOnchangeDomains",
    "TestTestHoles",
)
Part = Callable[[], list[Result]]


def run_all(settings: Settings, *, fast: bool, only: list[str]) -> int:
    """Run the parts that are asked for and print their sum last.

    :param fast: leave out what needs an engine or a browser
    :param only: parts, paths below tests/ or Odoo test tags; everything when empty
    :return: 0 when all passed and there was at least one test
    """
    say("Clouder: tests")
    whole = not fast and (not only or any(_wants_engine(word) for word in only))
    ready = machine.ensure(settings, docker=whole, browser=whole)
    results: list[Result] = []
    for part in _parts(ready, fast, only):
        try:
            results += part()
        except Stop as stop:
            results.append(Result("set-up", 0, 1, str(stop)))
    show_failures(results)
    say(summary(results))
    good = all(not r.failed for r in results) and any(r.passed for r in results)
    return 0 if good else 1


def _wants_engine(word: str) -> bool:
    fast = word in ("lint", "unit") or word.startswith(
        tuple(f"tests/{name}" for name in FAST_FOLDERS)
    )
    return not fast


def _parts(ready: Machine, fast: bool, only: list[str]) -> list[Part]:
    """Return the parts to run, in the order of what they cost."""
    settings = ready.settings
    if only:
        return [partial(_selected, ready, fast, word) for word in only]
    folders = _folders(fast)
    parts: list[Part] = [partial(lint.run_all, settings)]
    parts += [partial(_pytest, settings, f"tests/{folder}") for folder in folders]
    parts.append(partial(_addon_tests, ready, fast, []))
    if not fast:
        parts.append(partial(_odoo_lint, ready))
        served = [name for name in SERVED if _has_tests(REPO / "tests" / name)]
        parts.append(partial(_served, ready, [f"tests/{name}" for name in served]))
    return parts


def _selected(ready: Machine, fast: bool, word: str) -> list[Result]:
    if word == "lint":
        return lint.run_all(ready.settings)
    if word == "addons":
        return _addon_tests(ready, fast, [])
    path = word if word.startswith("tests/") else f"tests/{word}"
    if (REPO / path.partition("::")[0]).exists():
        if path.startswith(tuple(f"tests/{name}" for name in SERVED)):
            return _served(ready, [path])
        return _pytest(ready.settings, path)
    return _addon_tests(ready, fast, [word])


def _has_tests(folder: Path) -> bool:
    return any(folder.rglob("test_*.py"))


def _folders(fast: bool) -> list[str]:
    """Return the folders of tests/ that hold tests, the quick ones first."""
    there = [
        path.name
        for path in sorted((REPO / "tests").iterdir())
        if path.is_dir() and path.name not in SERVED and _has_tests(path)
    ]
    quick = [name for name in FAST_FOLDERS if name in there]
    return quick if fast else quick + [name for name in there if name not in quick]


def _pytest(
    settings: Settings, path: str, environ: dict[str, str] | None = None
) -> list[Result]:
    name = path.removeprefix("tests/").partition("/")[0]
    report = settings.logs / f"junit-{name}.xml"
    report.unlink(missing_ok=True)
    argv = [str(settings.tools_python), "-m", "pytest", "-q", path]
    argv += ["--color=no", "-o", f"cache_dir={settings.cache / 'pytest'}"]
    argv += [f"--junitxml={report}"]
    log = settings.log(f"pytest-{name}")
    python_path = {"PYTHONPATH": str(REPO), "PYTHONDONTWRITEBYTECODE": "1"}
    with step(path) as now:
        output = run(
            argv, log=log, cwd=REPO, check=False, env={**python_path, **(environ or {})}
        )
        result = from_junit(path, report, output)
        now.note = summary([result])
    return [result]


def _tags(fast: bool, only: list[str], names: list[str]) -> str:
    tags = only or [f"/{name}" for name in names]
    if fast:
        tags += [f"-{TOUR_TAG}", f"-{ENGINE_TAG}"]
    elif not only:
        tags += [TOUR_TAG, ENGINE_TAG]
    return ",".join(tags)


def _addon_tests(ready: Machine, fast: bool, only: list[str]) -> list[Result]:
    instance, names = INSTANCES["addons"], addons.names(tests=True)
    if not names:
        return []
    with step("Addon tests" + ("" if fast else " and browser tours")) as now:
        _fresh_database(ready, instance, names)
        words = ["-i", ",".join(names), "--test-tags", _tags(fast, only, names)]
        output = _tested(ready, instance, words)
        result = from_odoo("addons", output, database.trouble(_installing(output)))
        now.note = summary([result])
    return [result]


def _odoo_lint(ready: Machine) -> list[Result]:
    """Run Odoo's own checks of overrides, indexes and names on our addons."""
    instance = INSTANCES["addons"]
    with step("Odoo's own lint") as now:
        words = ["-i", "test_lint", "--test-tags"]
        words.append(",".join(f"/test_lint:{name}" for name in ODOO_LINT))
        output = _tested(ready, instance, words)
        result = from_odoo("test_lint", output, [], ours=addons.names(tests=True))
        now.note = summary([result])
    return [result]


def _fresh_database(ready: Machine, instance: Instance, names: list[str]) -> None:
    odoo_conf.write(ready.settings, instance, ready.postgres)
    database.drop(ready, instance)
    database.create(ready, instance, names)


def _tested(ready: Machine, instance: Instance, words: list[str]) -> str:
    log = ready.settings.home(instance) / "tests.log"
    log.unlink(missing_ok=True)
    try:
        return database.odoo(ready, instance, [*words, "--stop-after-init"], log)
    except CommandFailed as error:
        return error.output


def _installing(output: str) -> str:
    """Return the part of Odoo's output that comes before the first test.

    Tests provoke warnings on purpose; installing must not log any.
    """
    return output.partition(": Starting ")[0]


def _served(ready: Machine, paths: list[str]) -> list[Result]:
    """Run tests against a server that is started for them, from an empty database."""
    instance = INSTANCES["test"]
    clear_engine(ready, instance)
    password = instances.up(ready, instance, fresh=True, tests=True)
    try:
        environ = instance_environ(ready, instance, password)
        return [
            result
            for path in paths
            for result in _pytest(ready.settings, path, environ)
        ]
    finally:
        server.stop(ready.settings, instance)


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


def instance_environ(
    ready: Machine, instance: Instance, password: str
) -> dict[str, str]:
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
        # Words for shlex, to which stop, kill, start or status is added.
        "CLOUDER_E2E_SERVER_CTL": shlex.join(control),
        # Runs the script that it is given on standard input.
        "CLOUDER_E2E_SHELL": shlex.join([*dev, "shell", "--instance", instance.name]),
        **ready.postgres.environ(),
    }
