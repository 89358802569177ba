"""What the user sees: one line per step, and one sentence when it cannot go on."""

import contextlib
import sys
import time
from collections.abc import Iterator

WIDTH = 46


class Stop(Exception):
    """The command cannot go on; the message is one sentence saying why and the cure."""


class _Output:
    """How steps are shown."""

    # Several go on at the same time.
    beside = False


class Step:
    """A running step; `note` replaces the word `done` on its line."""

    def __init__(self) -> None:
        self.note = "done"


def say(text: str = "") -> None:
    """Print one line at once, also when the output is a pipe."""
    # One call: lines of several threads must not run into each other.
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step with its outcome and duration.

    :param title: what is being done, e.g. "Odoo 19 source tree"
    :return: the step, whose `note` may be set to what was found or done
    """
    running = Step()
    started = time.monotonic()
    begun = f"  {title} ".ljust(WIDTH, ".") + " "
    if _Output.beside:
        say(f"{begun}begun")
    else:
        sys.stdout.write(begun)
        sys.stdout.flush()
    outcome = "failed"
    try:
        yield running
        outcome = running.note
    finally:
        end = f"{outcome}  ({time.monotonic() - started:.1f} s)"
        say(f"{begun}{end}" if _Output.beside else end)


@contextlib.contextmanager
def beside() -> Iterator[None]:
    """Let steps go on at the same time: each prints whole lines, at its begin and end."""
    _Output.beside = True
    try:
        yield
    finally:
        _Output.beside = False
