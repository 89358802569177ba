"""Results of the parts of a test run, and their sum."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from .console import say
from .proc import indent

ODOO_SUM = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
ODOO_SKIPPED = re.compile(r"^.* INFO \S+ odoo\.\S+: (skipped .+ : .*)$", re.MULTILINE)
# The line that names the test, then its traceback up to the next line of the log.
ODOO_FAILED = re.compile(
    r"^\d{4}-\d\d-\d\d .* ERROR \S+ \S+: ((?:FAIL|ERROR): .*)\n((?:(?!\d{4}-\d\d-\d\d ).*\n)*)",
    re.MULTILINE,
)
OUR_MODEL = re.compile(r"\b(?:test_)?clouder\.\w")


@dataclass(frozen=True)
class Result:
    """How one part of the run went."""

    part: str
    passed: int
    failed: int
    details: str = ""


def from_junit(part: str, report: Path, output: str) -> Result:
    """Read pytest's report; a skipped test is a test that did not pass.

    :param output: what pytest printed, shown when there is no report
    """
    if not report.exists():
        return Result(part, 0, 1, output)
    suites = ET.parse(report).getroot().iter("testsuite")
    total = bad = 0
    for suite in suites:
        total += int(suite.get("tests", 0))
        bad += sum(int(suite.get(key, 0)) for key in ("failures", "errors", "skipped"))
    # An error while a test is torn down counts beside the test that passed.
    return Result(part, max(total - bad, 0), bad, output if bad else "")


def from_odoo(
    part: str, output: str, trouble: list[str], ours: Collection[str] = ()
) -> Result:
    """Read the sum that Odoo's test runner prints.

    :param output: what Odoo printed
    :param trouble: warnings of our own loggers, each one a failure
    :param ours: when given, what Odoo's lint says of other addons does not count
    """
    found = ODOO_SUM.findall(output)
    if not found or found[-1][2] == "0":
        why = "\n".join([*output.splitlines()[-30:], *trouble, "Odoo ran no tests."])
        return Result(part, 0, 1 + len(trouble), why)
    # Odoo repeats its sum while it goes on; the last one is the whole.
    failures, errors, total = map(int, found[-1])
    told = [
        (name, trace)
        for name, trace in ODOO_FAILED.findall(output)
        if not _is_foreign(name, trace, ours)
    ]
    bad = failures + errors - len(ODOO_FAILED.findall(output)) + len(told)
    skipped = ODOO_SKIPPED.findall(output)
    names = [
        f"{name}\n    {trace.strip().splitlines()[-1] if trace.strip() else ''}".rstrip()
        for name, trace in told
    ]
    details = "\n".join([*names, *skipped, *trouble])
    failed = bad + len(skipped) + len(trouble)
    passed = max(total - bad - len(skipped), 0)
    return Result(part, passed, failed, details)


def _is_foreign(name: str, trace: str, ours: Collection[str]) -> bool:
    """Tell whether a failure of Odoo's lint is about an addon of somebody else.

    It names the module, or else the models and fields that it is about.
    """
    module = re.search(r"module='(\w+)'", name)
    if module:
        return bool(ours) and module[1] not in ours
    return bool(ours) and not OUR_MODEL.search(trace)


def summary(results: list[Result]) -> str:
    """Return the closing line, `N passed, N failed`."""
    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    return f"{passed} passed, {failed} failed"


def show_failures(results: list[Result]) -> None:
    """Show what is known about each part that has failures."""
    for result in results:
        if result.failed:
            say(f"\n--- {result.part}: {result.failed} failed")
            say(indent(result.details, 80))
    say()
