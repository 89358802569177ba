"""The closing line of ./dev test counts what really passed."""

import pytest

from devtool.results import Result, from_junit, from_odoo, summary

STAMP = "2026-01-01 00:00:00,000 1"
SUM = f"{STAMP} INFO db odoo.tests.result: 0 failed, 0 error(s) of 5 tests when loading"


def test_odoo_all_passed():
    assert from_odoo("addons", SUM, []) == Result("addons", 5, 0, "")


@pytest.mark.parametrize("output", ["", SUM.replace("of 5", "of 0")])
def test_odoo_without_tests_is_a_failure(output):
    assert from_odoo("addons", output, []).failed == 1


def test_odoo_failures_are_named():
    output = (
        f"{STAMP} ERROR db odoo.addons.clouder.tests.test_x: FAIL: TestX.test_y\n"
        "Traceback (most recent call last):\n  File x\nAssertionError: 1 != 2\n \n"
        + SUM.replace("0 failed, 0", "1 failed, 1")
    )
    result = from_odoo("addons", output, [])
    assert (result.passed, result.failed) == (3, 2)
    assert result.details == "FAIL: TestX.test_y\n    AssertionError: 1 != 2"


@pytest.mark.parametrize(
    ("field", "failed"), [("queue.job.channel_id", 0), ("clouder.job.node_id", 1)]
)
def test_lint_without_a_module_is_judged_by_its_models(field, failed):
    output = (
        f"{STAMP} ERROR db odoo.addons.test_lint.tests.test_index: FAIL: TestIndex.t\n"
        "Traceback (most recent call last):\n  File /srv/clouder/odoo/x.py\n"
        f"AssertionError: should be indexed:\n{field} (inverse of x)\n"
        + SUM.replace("0 failed", "1 failed")
    )
    assert from_odoo("lint", output, [], ours=["clouder"]).failed == failed


def test_odoo_skipped_is_failed():
    skipped = (
        f"{STAMP} INFO db odoo.addons.clouder.tests.test_x: skipped T.t : no browser\n"
    )
    result = from_odoo("addons", skipped + SUM, [])
    assert (result.passed, result.failed) == (4, 1)
    assert "no browser" in result.details


def test_own_warnings_are_failures():
    assert from_odoo("addons", SUM, ["WARNING"]).failed == 1


def test_junit(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="6" failures="1" errors="1" skipped="1"/></testsuites>'
    )
    result = from_junit("unit", report, "text")
    assert result == Result("unit", 3, 3, "text")


def test_pytest_that_died(tmp_path):
    assert from_junit("unit", tmp_path / "none.xml", "boom").failed == 1


def test_summary():
    assert summary([Result("a", 2, 1), Result("b", 3, 0)]) == "5 passed, 1 failed"


def test_lint_of_other_peoples_addons_does_not_count():
    log = (
        "2026-01-01 00:00:00,000 1 ERROR db odoo.x: FAIL: Subtest A.b (module='theirs')\n"
        "TypeError: theirs\n"
        "2026-01-01 00:00:00,000 1 ERROR db odoo.x: FAIL: Subtest A.b (module='mine')\n"
        "TypeError: mine\n"
        "2026-01-01 00:00:00,000 1 INFO db odoo.x: 2 failed, 0 error(s) of 3 tests when\n"
    )
    result = from_odoo("lint", log, [], ours=["mine"])
    assert (result.passed, result.failed) == (2, 1)
    assert "theirs" not in result.details
