"""Parts of the tests that go on beside each other, and the servers that they need."""

import threading

import pytest

from devtool import console, lanes, served
from devtool.console import Stop
from devtool.results import Result


def test_results_come_in_the_order_of_the_parts():
    """The first part ends only when the last has run: they really are beside each other."""
    last = threading.Event()

    def first():
        assert last.wait(30)
        return [Result("first", 1, 0)]

    def second():
        last.set()
        return [Result("second", 2, 0), Result("third", 3, 0)]

    assert [one.part for one in lanes.run([first, second], 2)] == [
        "first", "second", "third",
    ]  # fmt: skip


def test_a_part_that_stops_has_failed():
    def stops():
        raise Stop("The port is taken.")

    stopped, other = lanes.run([stops, lambda: [Result("other", 1, 0)]])
    assert (stopped.failed, stopped.details) == (1, "The port is taken.")
    assert other.passed == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_part_that_breaks_off_has_failed():
    def breaks():
        raise RuntimeError("a mistake of ours")

    parts = [breaks, lambda: [Result("other", 1, 0)]]
    broken, other = lanes.run(parts, 2)
    assert (broken.failed, other.passed) == (1, 1)


def test_steps_beside_each_other_have_whole_lines(capsys):
    with console.beside(), console.step("One") as one:
        with console.step("Two") as two:
            two.note = "ready"
        one.note = "there"
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [(line[0], line[2]) for line in lines] == [
        ("One", "begun"), ("Two", "begun"), ("Two", "ready"), ("One", "there"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("tests/unit", []),
        (
            "tests/e2e/features/test_odoo.py::test_x",
            ["tests/e2e/features/test_odoo.py::test_x"],
        ),
        ("tests/e2e", ["tests/e2e/features", "tests/e2e/adversity", "tests/e2e/links"]),
    ],
)
def test_a_path_has_its_servers(path, wanted):
    assert [name for _one, names in served.of_path(path) for name in names] == wanted


def test_servers_share_nothing():
    for value in ("instance", "prefix", "first_port"):
        assert len({getattr(one, value) for one in served.SERVERS}) == len(
            served.SERVERS
        )
