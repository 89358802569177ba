"""`./dev lint`: the format, the linters, the types and the house rules."""

from pathlib import Path

from . import addons, house_rules
from .console import step
from .proc import CommandFailed, run
from .results import Result
from .settings import REPO, Settings

# Seen from its parent folder: the addon around it is made of Odoo's untyped models.
TYPED = REPO / "clouder" / "lib"


def run_all(settings: Settings) -> list[Result]:
    """Run every check and return one result for each."""
    results = [_run(settings, name, argv) for name, argv in _tools(settings).items()]
    with step("House rules") as now:
        found = house_rules.check(REPO)
        results.append(
            Result("lint: house rules", int(not found), int(bool(found)), found)
        )
        now.note = "failed" if found else "passed"
    return results


def _tools(settings: Settings) -> dict[str, list[str]]:
    names = addons.names(tests=True)
    python = [str(settings.tools_python), "-m"]
    ruff_cache = ["--cache-dir", str(settings.cache / "ruff")]
    tools = {
        "ruff format": [
            *python,
            "ruff",
            "format",
            "--check",
            "--quiet",
            "--diff",
            *ruff_cache,
            ".",
        ],
        "ruff check": [
            *python,
            "ruff",
            "check",
            "--output-format=concise",
            *ruff_cache,
            ".",
        ],
    }
    if names:
        tools["pylint-odoo"] = [*python, "pylint", *names]
        checker = settings.tools_python.with_name("oca-checks-odoo-module")
        tools["oca-checks"] = [str(checker), *(f"{n}/__manifest__.py" for n in names)]
    cache = f"--cache-dir={settings.cache / 'mypy'}"
    config = f"--config-file={REPO / 'pyproject.toml'}"
    tools["mypy"] = [*python, "mypy", config, cache, TYPED.name]
    return tools


def _run(settings: Settings, name: str, argv: list[str]) -> Result:
    cwd = TYPED.parent if name == "mypy" else REPO
    log = settings.log("lint")
    with step(f"Lint: {name}") as now:
        output, code = _status(argv, log, cwd)
        now.note = "failed" if code else "passed"
    return Result(f"lint: {name}", int(not code), int(bool(code)), output)


def _status(argv: list[str], log: Path, cwd: Path) -> tuple[str, int]:
    try:
        return run(argv, log=log, cwd=cwd), 0
    except CommandFailed as error:
        return error.output, error.code
