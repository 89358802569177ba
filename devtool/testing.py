"""`./dev test`: lint, tests without Odoo, addon tests, tours, and end to end."""

from functools import partial

from . import addons, database, lanes, lint, machine, odoo_conf, pytests, served
from .console import say, step
from .lanes import Part
from .machine import Machine
from .proc import CommandFailed
from .results import Result, from_odoo, show_failures, summary
from .settings import INSTANCES, REPO, Instance, Settings

# Folders of tests/ that need neither an engine nor a browser nor a server.
FAST_FOLDERS = ("unit", "tooling", "docs")
# Folders that need an engine or a PostgreSQL, but no server.
OTHER_FOLDERS = ("engine", "packaging")
# Most tests wait for one process or another: it takes three to fill two cores.
LANES = 3
TOUR_TAG = "clouder_tour"
ENGINE_TAG = "clouder_engine"
ODOO_LINT = (
    "TestNaming",
    "TestLintOverrideSignatures",
    "RoutesLinter",
    "TestIndex",
    "TestOnchangeDomains",
    "TestTestHoles",
)


def run_all(settings: Settings, *, fast: bool, only: list[str]) -> int:
    """Run the parts that are asked for and print their sum last.

    :param fast: leave out what needs an engine or a browser
    :param only: parts, paths below tests/ or Odoo test tags; everything when empty
    :return: 0 when all passed and there was at least one test
    """
    say("Clouder: tests")
    whole = not fast and (not only or any(_wants_engine(word) for word in only))
    ready = machine.ensure(settings, docker=whole, browser=whole)
    if only:
        results = lanes.run([partial(_selected, ready, fast, word) for word in only])
    elif fast:
        results = lanes.run(_fast_parts(ready))
    else:
        results = lanes.run(_all_parts(ready), LANES)
    show_failures(results)
    say(summary(results))
    good = all(not r.failed for r in results) and any(r.passed for r in results)
    return 0 if good else 1


def _wants_engine(word: str) -> bool:
    fast = word in ("lint", "unit") or word.startswith(
        tuple(f"tests/{name}" for name in FAST_FOLDERS)
    )
    return not fast


def _fast_parts(ready: Machine) -> list[Part]:
    return [*_quick_parts(ready.settings), partial(_addon_tests, ready, True, [])]


def _quick_parts(settings: Settings) -> list[Part]:
    return [partial(lint.run_all, settings), *_folder_parts(settings, FAST_FOLDERS)]


def _folder_parts(settings: Settings, names: tuple[str, ...]) -> list[Part]:
    there = [name for name in names if any((REPO / "tests" / name).rglob("test_*.py"))]
    return [partial(pytests.run_path, settings, f"tests/{name}") for name in there]


def _all_parts(ready: Machine) -> list[Part]:
    """Return everything: what has a server takes longest and begins first."""
    with_server = [
        partial(served.run, ready, one, [f"tests/{name}" for name in one.folders])
        for one in served.SERVERS
    ]
    return [
        *with_server,
        *_quick_parts(ready.settings),
        partial(_addons_whole, ready),
        *_folder_parts(ready.settings, OTHER_FOLDERS),
    ]


def _addons_whole(ready: Machine) -> list[Result]:
    """Run the addon tests and, in their database, Odoo's own lint."""
    return [*_addon_tests(ready, False, []), *_odoo_lint(ready)]


def _selected(ready: Machine, fast: bool, word: str) -> list[Result]:
    if word == "lint":
        return lint.run_all(ready.settings)
    if word == "addons":
        return _addon_tests(ready, fast, [])
    path = word if word.startswith("tests/") else f"tests/{word}"
    if (REPO / path.partition("::")[0]).exists():
        needed = served.of_path(path.rstrip("/"))
        if not needed:
            return pytests.run_path(ready.settings, path)
        return [result for one, at in needed for result in served.run(ready, one, at)]
    return _addon_tests(ready, fast, [word])


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
