"""Collect the output of a command: lines for a log, the whole for the caller."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import TAIL_LIMIT
from ..secrets import masked
from .stream import STDERR, STDOUT

OUTPUT_LIMIT = 16 * 1024 * 1024
LINE_LIMIT = 8 * 1024

OnOutput = Callable[[str], object]


@dataclass(frozen=True)
class ExecResult:
    """What a command left behind.

    :param status: its exit status
    :param output: its standard output, cut after 16 MiB
    :param error: its standard error, cut after 16 MiB
    :param truncated: whether something was cut
    """

    status: int
    output: str
    error: str
    truncated: bool = False


class LineWriter:
    """Hand a stream of bytes to a log line by line, with secrets masked.

    :param on_output: called with each line, without its line break
    """

    def __init__(self, on_output: OnOutput | None) -> None:
        self._on_output = on_output
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""

    def feed(self, data: bytes) -> None:
        """Take ``data`` and write the lines that are complete."""
        if self._on_output is None:
            return
        text = self._line + self._decoder.decode(data).replace("\r", "\n")
        *lines, self._line = text.split("\n")
        if len(self._line) > LINE_LIMIT:
            lines.append(self._line)
            self._line = ""
        for line in lines:
            self._write(line)

    def close(self) -> None:
        """Write the last line when it had no line break."""
        self._write(self._line)
        self._line = ""

    def _write(self, line: str) -> None:
        if line.strip() and self._on_output is not None:
            self._on_output(masked(line.rstrip()))


class Collector:
    """Keep what a command writes, up to a limit, and its very end in any case."""

    def __init__(self, on_output: OnOutput | None, limit: int = OUTPUT_LIMIT) -> None:
        self._limit = limit
        self._kept = {STDOUT: bytearray(), STDERR: bytearray()}
        self._lines = {STDOUT: LineWriter(on_output), STDERR: LineWriter(on_output)}
        self._tails = {STDOUT: bytearray(), STDERR: bytearray()}
        self._truncated = False

    def frame(self, kind: int, data: bytes) -> None:
        """Take bytes of stdout (1) or stderr (2)."""
        stream = STDERR if kind == STDERR else STDOUT
        kept = self._kept[stream]
        room = self._limit - len(kept)
        kept += data[:room]
        self._truncated |= len(data) > room
        tail = self._tails[stream]
        tail += data
        if len(tail) > 2 * TAIL_LIMIT:
            del tail[:-TAIL_LIMIT]
        self._lines[stream].feed(data)

    def close(self) -> None:
        """Write the last lines to the log."""
        for writer in self._lines.values():
            writer.close()

    def tail(self) -> str:
        """Return the end of the output and then that of the errors, masked.

        The two come through pipes of their own, so their order is chance; what a
        reader looks for is among the errors.
        """
        errors = self._tails[STDERR][-TAIL_LIMIT // 2 :]
        room = TAIL_LIMIT - len(errors)
        both = self._tails[STDOUT][-room:] + errors
        return masked(both.decode("utf-8", "replace"))

    def result(self, status: int) -> ExecResult:
        """Return what was collected."""
        output, error = (
            bytes(self._kept[kind]).decode("utf-8", "replace")
            for kind in (STDOUT, STDERR)
        )
        return ExecResult(status, output, error, self._truncated)
