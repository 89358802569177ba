"""`./dev lint`: the format, the linters, the types and the house rules."""

from pathlib import Path

from . import addons, house_rules
from .console import step
from .proc import CommandFailed, run
from .results import Result
from .settings import REPO, Settings

# Seen from its parent folder: the addon around it is made of Odoo's untyped models.
TYPED = REPO / "clouder" / "lib"
# Odoo writes its XML headers otherwise; our READMEs are Markdown.
NOT_OURS = "xml-header-wrong,prefer-readme-rst"


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
    python = [str(settings.tools_python), "-m"]
    there = ["--cache-dir", str(settings.cache / "ruff"), "."]
    mypy = [*python, "mypy", f"--config-file={REPO / 'pyproject.toml'}"]
    mypy += [f"--cache-dir={settings.cache / 'mypy'}"]
    names = addons.names(tests=True)
    manifests = [f"{name}/__manifest__.py" for name in names]
    checker = str(settings.tools_python.with_name("oca-checks-odoo-module"))
    return {
        "ruff format": [*python, "ruff", "format", "--check", "--diff", *there],
        "ruff check": [*python, "ruff", "check", "--output-format=concise", *there],
        "mypy devtool": [*mypy, "devtool"],
        "mypy clouder/lib": [*mypy, TYPED.name],
        "pylint-odoo": [*python, "pylint", *names],
        "oca-checks": [checker, f"--disable={NOT_OURS}", *manifests],
    }


def _run(settings: Settings, name: str, argv: list[str]) -> Result:
    cwd = TYPED.parent if argv[-1] == TYPED.name else REPO
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
