"""What buttons call can be called by scripts, too: XML-RPC knows no None."""

import ast
from pathlib import Path

import pytest

from devtool.sudo_rule import addon_files

REPO = Path(__file__).parents[2]


def silent(text):
    """Return the methods of buttons in a file that may end without an answer."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("action_")
        and not (isinstance(node.body[-1], ast.Return) and node.body[-1].value)
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [("pass", ["action_go"]), ("return", ["action_go"]), ("return True", [])],
)
def test_what_answers_nothing_is_found(body, found):
    assert silent(f"def action_go(self):\n    {body}\n") == found


def test_every_button_answers():
    found = {
        str(path.relative_to(REPO)): names
        for path in addon_files(REPO)
        if (names := silent(path.read_text()))
    }
    assert found == {}
