"""Wait for a named condition with a deadline; nothing else in Clouder pauses."""

import time
from collections.abc import Callable

from .errors import ConditionTimeout, JobCancelled

Probe = Callable[[], tuple[bool, str]]
Cancelled = Callable[[], object]


def check_cancelled(cancelled: Cancelled | None) -> None:
    """Stop when the caller's ``cancelled`` says so.

    :param cancelled: raises by itself, or returns True to stop
    :raise JobCancelled: it returned True
    """
    if cancelled is not None and cancelled() is True:
        raise JobCancelled("The job was cancelled.")


def wait_for(
    name: str,
    probe: Probe,
    deadline_s: float,
    first_pause: float = 0.02,
    factor: float = 1.5,
    max_pause: float = 0.5,
    cancelled: Cancelled | None = None,
) -> str:
    """Look at ``probe`` until it says yes; the pauses between looks grow.

    :param name: the condition in words: "container x is ready"
    :param probe: returns whether it is true now, and what it saw
    :param deadline_s: seconds after which to give up; one look is always taken
    :param cancelled: called before each look, see :func:`check_cancelled`
    :return: what the successful look saw
    :raise ConditionTimeout: names the condition and what was seen last
    """
    end = time.monotonic() + deadline_s
    pause = first_pause
    while True:
        check_cancelled(cancelled)
        true, seen = probe()
        if true:
            return seen
        left = end - time.monotonic()
        if left <= 0:
            raise ConditionTimeout(name, seen, deadline_s)
        time.sleep(min(pause, left))
        pause = min(pause * factor, max_pause)
