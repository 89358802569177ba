"""The command line of `./dev`."""

import pytest

from devtool import cli


@pytest.mark.parametrize("words", [["--save"], ["dns", "--times", "3"], ["--help"], []])
def test_words_of_bench_are_passed_on(words):
    """What follows ``bench`` is read by bench/ alone, options first or last."""
    args = cli.parse(["bench", *words])
    assert args.command == "bench"
    assert args.args == words


def test_words_that_nobody_knows_are_refused(capsys):
    """An option that a command lacks is told, and nothing runs."""
    with pytest.raises(SystemExit):
        cli.parse(["up", "--quick"])
    assert "--quick" in capsys.readouterr().err
