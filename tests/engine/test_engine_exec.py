"""Commands in containers: words, input, output, status, time."""

import threading
import time

import pytest
from clouder_lib.errors import (
    CommandFailed,
    ConditionTimeout,
    EngineMissing,
    EngineRefused,
    JobCancelled,
    SpecRefused,
)
from clouder_lib.secrets import MASK


def test_both_outputs_and_the_status(engine, running):
    result = engine.exec(
        running, ["sh", "-c", "echo out; echo err >&2; exit 7"], check=False
    )
    assert (result.status, result.output, result.error) == (7, "out\n", "err\n")


def test_a_failure_carries_its_end(engine, running):
    with pytest.raises(CommandFailed, match="status 3") as caught:
        engine.exec(running, ["sh", "-c", "seq 100000; echo boom >&2; exit 3"])
    assert caught.value.status == 3
    assert caught.value.detail.rstrip().endswith("boom")
    assert len(caught.value.detail) <= 64 * 1024


def test_a_missing_program(engine, running):
    with pytest.raises((CommandFailed, EngineRefused), match="no-such-program"):
        engine.exec(running, ["no-such-program"])


def test_words_are_never_read_by_a_shell(engine, running):
    words = ["$(id)", ";id", "`id`", "a b", "'", '"', "\n", "-n", "*"]
    result = engine.exec(running, ["printf", "%s|", *words])
    assert result.output == "|".join(words) + "|"
    with pytest.raises(SpecRefused):
        engine.exec(running, "ls -l")


def test_input_and_its_end(engine, running):
    assert engine.exec(running, ["cat"], stdin=b"hello").output == "hello"
    assert engine.exec(running, ["wc", "-c"], stdin=b"").output == "0\n"


def test_no_input_is_an_empty_one(engine, running):
    assert engine.exec(running, ["cat"], timeout_s=10).output == ""


def test_much_input_and_output_at_the_same_time(engine, running):
    data = bytes(range(32, 127)) * 50_000
    result = engine.exec(running, ["cat"], stdin=data, timeout_s=60)
    assert result.output.encode() == data


def test_input_that_nobody_reads(engine, running):
    result = engine.exec(running, ["true"], stdin=b"x" * 10_000_000, timeout_s=30)
    assert result.status == 0


def test_output_is_limited_in_memory_and_complete_in_the_log(engine, running):
    count = 0

    def on_output(_line):
        nonlocal count
        count += 1

    result = engine.exec(running, ["seq", "3000000"], on_output=on_output)
    assert count == 3_000_000
    assert result.truncated
    assert len(result.output) == 16 * 1024 * 1024


def test_lines_come_while_it_runs(engine, running):
    seen = []
    engine.exec(
        running,
        ["sh", "-c", "echo one; sleep 0.6; echo two"],
        on_output=lambda line: seen.append((line, time.monotonic())),
    )
    assert [line for line, _when in seen] == ["one", "two"]
    assert seen[1][1] - seen[0][1] > 0.4


def test_the_time_has_an_end(engine, running):
    start = time.monotonic()
    with pytest.raises(ConditionTimeout, match="run sh") as caught:
        engine.exec(running, ["sh", "-c", "echo busy; sleep 60"], timeout_s=1)
    assert time.monotonic() - start < 5
    assert "busy" in caught.value.last_seen


def test_it_can_be_cancelled(engine, running):
    asked = threading.Event()

    def cancelled():
        return asked.is_set()

    threading.Timer(0.5, asked.set).start()
    with pytest.raises(JobCancelled):
        engine.exec(running, ["sleep", "60"], cancelled=cancelled)


def test_user_environment_and_folder(engine, running):
    result = engine.exec(
        running,
        ["sh", "-c", 'id -un; echo "$COLOUR"; pwd'],
        user="www-data",
        env={"COLOUR": "a=b\nc"},
        workdir="/var",
    )
    assert result.output == "www-data\na=b\nc\n/var\n"


def test_secrets_of_the_environment_are_masked(engine, running):
    lines = []
    with pytest.raises(CommandFailed) as caught:
        engine.exec(
            running,
            ["sh", "-c", "echo $PGPASSWORD; exit 1"],
            env={"PGPASSWORD": "hunter2hunter2"},
            on_output=lines.append,
        )
    assert lines == [MASK]
    assert "hunter2" not in caught.value.detail


def test_a_missing_container(engine):
    with pytest.raises(EngineMissing, match="no-such-container"):
        engine.exec("no-such-container", ["true"])


def test_many_at_once(engine, running):
    failures = []

    def work(number):
        result = engine.exec(running, ["cat"], stdin=str(number).encode() * 1000)
        if result.output != str(number) * 1000:
            failures.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
