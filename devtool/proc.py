"""Child processes by argv list, and waiting for a named condition."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .console import Stop

TAIL_LINES = 25


class CommandFailed(Stop):
    """A child process ended with an error; carries its output."""

    def __init__(self, argv: Sequence[str], code: int, output: str, log: Path):
        self.output = output
        self.code = code
        name = " ".join([Path(argv[0]).name, *argv[1:3]])
        tail = indent(output, TAIL_LINES)
        super().__init__(f"`{name}` ended with status {code} (log: {log}):\n{tail}")


def indent(text: str, lines: int) -> str:
    """Return the last `lines` lines of `text`, each moved in by four spaces."""
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])


def run(
    argv: Sequence[str],
    *,
    log: Path,
    check: bool = True,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    user: str | None = None,
    stdin: str | None = None,
) -> str:
    """Run a command to its end and return its output (both streams).

    :param argv: program and arguments
    :param log: file the output is appended to
    :param check: whether an exit status other than 0 is an error
    :param env: variables added to this process's environment
    :param user: system user to run as (only root can ask for another)
    :param stdin: text given to the command; nothing when left out
    :raise CommandFailed: the status was not 0 and `check` is set
    """
    try:
        code, output = _finish(argv, env, cwd, user, stdin)
    except FileNotFoundError as error:
        raise Stop(f"The program {argv[0]} is not on this machine.") from error
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("a") as stream:
        stream.write(f"$ {' '.join(argv)}\n{output}\n")
    if check and code:
        raise CommandFailed(argv, code, output, log)
    return output


def _finish(
    argv: Sequence[str],
    env: Mapping[str, str] | None,
    cwd: Path | str | None,
    user: str | None,
    stdin: str | None,
) -> tuple[int, str]:
    identity: dict[str, Any] = {}
    if user:
        identity = {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        list(argv),
        input=stdin or "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(env or {})},
        cwd=cwd,
        check=False,
        **identity,
    )
    return done.returncode, done.stdout


def spawn(
    argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
) -> int:
    """Start a daemon in a session of its own and return its process id.

    :param log: file that receives both of its streams
    :param env: variables added to this process's environment
    """
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("ab") as stream:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd="/",
            start_new_session=True,
        )
    # The daemon outlives this command on purpose; nobody waits for it here.
    child.returncode = 0
    return child.pid


def wait_for(
    what: str, look: Callable[[], tuple[bool, str]], timeout: float, pause: float = 0.1
) -> str:
    """Poll a condition until it holds.

    :param what: the condition in words, for the error
    :param look: returns (whether it holds, what was seen)
    :param timeout: seconds until giving up
    :return: what was seen when it held
    :raise Stop: the deadline passed; names the condition and the last thing seen
    """
    deadline = time.monotonic() + timeout
    ticker = threading.Event()
    while True:
        holds, seen = look()
        if holds:
            return seen
        if time.monotonic() > deadline:
            raise Stop(
                f"Gave up after {timeout:.0f} s waiting for {what}; last seen: {seen}"
            )
        ticker.wait(pause)


def alive(pid: int) -> bool:
    """Return whether a process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
