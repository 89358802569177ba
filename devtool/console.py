"""What the user sees: one line per step, and one sentence when it cannot go on."""

import contextlib
import sys
import time
from collections.abc import Iterator

WIDTH = 46


class Stop(Exception):
    """The command cannot go on; the message is one sentence saying why and the cure."""


class Step:
    """A running step; `note` replaces the word `done` on its line."""

    def __init__(self) -> None:
        self.note = "done"


def say(text: str = "") -> None:
    """Print one line at once, also when the output is a pipe."""
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step with its outcome and duration.

    :param title: what is being done, e.g. "Odoo 19 source tree"
    :return: the step, whose `note` may be set to what was found or done
    """
    running = Step()
    started = time.monotonic()
    sys.stdout.write(f"  {title} ".ljust(WIDTH, ".") + " ")
    sys.stdout.flush()
    try:
        yield running
    except BaseException:
        say(f"failed  ({time.monotonic() - started:.1f} s)")
        raise
    say(f"{running.note}  ({time.monotonic() - started:.1f} s)")
