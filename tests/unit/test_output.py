"""The output of commands: lines, limits, tails, frames."""

import pytest
from clouder_lib.engine.execute import check_argv
from clouder_lib.engine.output import Collector, LineWriter
from clouder_lib.engine.stream import _Frames
from clouder_lib.errors import (
    TAIL_LIMIT,
    CommandFailed,
    EngineUnreachable,
    ImageBuildFailed,
    SpecRefused,
)
from clouder_lib.secrets import MASK, masking


def test_lines_come_whole_whatever_the_pieces():
    lines = []
    writer = LineWriter(lines.append)
    for byte in "one\r\ntwo é\n\nthree".encode():
        writer.feed(bytes([byte]))
    writer.close()
    assert lines == ["one", "two é", "three"]


def test_an_endless_line_is_cut():
    lines = []
    writer = LineWriter(lines.append)
    for _ in range(100):
        writer.feed(b"x" * 1000)
    writer.close()
    assert sum(map(len, lines)) == 100_000
    assert max(map(len, lines)) < 20_000


def test_lines_are_masked():
    lines = []
    with masking(["hunter22"]):
        LineWriter(lines.append).feed(b"pw hunter22\n")
    assert lines == [f"pw {MASK}"]


def test_the_whole_has_a_limit_and_the_tail_is_the_end():
    collector = Collector(None, limit=10)
    collector.frame(1, b"0123456789abc")
    collector.frame(2, b"err")
    result = collector.result(3)
    assert (result.status, result.output, result.error) == (3, "0123456789", "err")
    assert result.truncated
    assert collector.tail().endswith("abcerr")
    for _ in range(1000):
        collector.frame(1, b"y" * 1000)
    assert len(collector.tail()) == TAIL_LIMIT


def test_frames_in_any_pieces():
    found = []
    frames = _Frames(lambda kind, data: found.append((kind, data)))
    data = b"\x01\0\0\0\0\0\0\x03abc" + b"\x02\0\0\0\0\0\0\x01e" + b"\x01\0\0\0\0\0\0\0"
    for byte in data:
        frames.feed(bytes([byte]))
    frames.end("x")
    assert found == [(1, b"abc"), (2, b"e"), (1, b"")]
    frames.feed(b"\x01\0\0\0\0\0\0\x03ab")
    with pytest.raises(EngineUnreachable, match="broke"):
        frames.end("x")


@pytest.mark.parametrize("argv", ["ls -l", [], ["a", 1], ["a\x00"], None])
def test_a_command_is_a_list_of_words(argv):
    with pytest.raises(SpecRefused):
        check_argv(argv)


def test_failures_carry_command_status_and_tail():
    error = CommandFailed(["psql", "-c", "a b"], 3, "boom", "web")
    assert str(error) == "Command failed in web with status 3: psql -c 'a b'"
    assert (error.argv, error.status, error.detail) == (
        ("psql", "-c", "a b"),
        3,
        "boom",
    )
    assert len(str(CommandFailed(["x" * 9999], 1))) < 400
    assert ImageBuildFailed("m", "x" * (TAIL_LIMIT + 5)).detail == "x" * TAIL_LIMIT
