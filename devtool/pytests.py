"""Run pytest on a path below tests/ and read its report."""

import re

from .console import step
from .proc import run
from .results import Result, from_junit, summary
from .settings import REPO, Settings


def run_path(
    settings: Settings, path: str, environ: dict[str, str] | None = None
) -> list[Result]:
    """Run the tests of a folder, a file or one test.

    :param path: from the top of the repository, as pytest takes it
    :param environ: variables that tell the tests where a server is
    """
    name = re.sub(r"\W+", "-", path.removeprefix("tests/").partition(".py")[0])
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
