"""Waiting for a named condition."""

import time

import pytest
from clouder_lib.errors import ConditionTimeout, JobCancelled
from clouder_lib.wait import wait_for


def test_it_returns_what_was_seen_at_once():
    assert wait_for("x", lambda: (True, "there"), 0) == "there"


def test_it_looks_again():
    looks = iter([(False, "1"), (False, "2"), (True, "3")])
    assert wait_for("x", lambda: next(looks), 5) == "3"


def test_a_timeout_names_the_condition_and_the_last_look():
    with pytest.raises(ConditionTimeout, match=r"the port answers.*Last seen: no") as c:
        wait_for("the port answers", lambda: (False, "first\nno"), 0.05)
    assert c.value.condition == "the port answers"
    assert c.value.detail == "first\nno"
    assert c.value.transient is False


def test_it_does_not_wait_longer_than_asked():
    start = time.monotonic()
    with pytest.raises(ConditionTimeout):
        wait_for("x", lambda: (False, ""), 0.1, first_pause=60, max_pause=60)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("answer", [True, "raise"])
def test_it_can_be_cancelled(answer):
    def cancelled():
        if answer == "raise":
            raise JobCancelled("stop")
        return True

    with pytest.raises(JobCancelled):
        wait_for("x", lambda: (False, ""), 60, cancelled=cancelled)
