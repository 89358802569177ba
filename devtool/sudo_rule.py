"""Each place where the code goes past the rights of a user says why: `# sudo: …`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REASON = re.compile(r"#\s*sudo:\s*(\S.{9,})")
COMMENT = re.compile(r"^\s*#")
# These have no rights to go past: tests, tools, and what is not an addon.
LEFT_OUT = ("tests", "bench", "devtool", "examples")


def check(repo: Path) -> str:
    """Check all addons of a checkout.

    :return: one line for each place without a reason; empty when there is none
    """
    return "\n".join(
        f"{path.relative_to(repo)}:{line} goes past the rights of the user: "
        "say why in a comment `# sudo: …` above it"
        for path in addon_files(repo)
        for line, reason in places(path.read_text())
        if not reason
    )


def addon_files(repo: Path) -> Iterator[Path]:
    """Yield the Python files of the addons that are installed in production."""
    for manifest in sorted(repo.glob("*/__manifest__.py")):
        if manifest.parent.name.startswith("test_"):
            continue
        for path in sorted(manifest.parent.rglob("*.py")):
            if not set(LEFT_OUT).intersection(path.relative_to(repo).parts):
                yield path


def places(text: str) -> list[tuple[int, str]]:
    """Return where a file goes past the rights of a user, and the reason given there.

    :return: (line, reason) in the order of the lines; an empty reason is a missing one
    """
    lines = text.splitlines()
    found: dict[int, str] = {}
    for statement, node in _nodes(ast.parse(text)):
        if _is_past_rights(node):
            found[node.lineno] = _reason(lines, statement)
    return sorted(found.items())


def _nodes(tree: ast.AST) -> Iterator[tuple[ast.stmt, ast.expr | ast.keyword]]:
    """Yield every expression with the innermost statement that it belongs to."""
    pending: list[tuple[ast.AST, ast.stmt | None]] = [(tree, None)]
    while pending:
        node, statement = pending.pop()
        inner = node if isinstance(node, ast.stmt) else statement
        if inner is not None and isinstance(node, ast.expr | ast.keyword):
            yield inner, node
        pending += [(child, inner) for child in ast.iter_child_nodes(node)]


def _is_past_rights(node: ast.expr | ast.keyword) -> bool:
    """Tell whether this is `.sudo()`, `su=…` or the superuser; `sudo(False)` is not."""
    if isinstance(node, ast.keyword):
        return node.arg == "su" and not _is_false(node.value)
    if isinstance(node, ast.Name):
        return node.id == "SUPERUSER_ID"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "sudo" and not (node.args and _is_false(node.args[0]))
    return False


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _reason(lines: list[str], statement: ast.stmt) -> str:
    """Return the reason in the comments above a statement or inside of its head.

    Above `elif` there is no room for one: there it may stand directly below.
    """
    first, last = statement.lineno, _end_of_head(statement)
    while first > 1 and COMMENT.match(lines[first - 2]):
        first -= 1
    while last < len(lines) and COMMENT.match(lines[last]):
        last += 1
    found = REASON.search("\n".join(lines[first - 1 : last]))
    return found.group(1) if found else ""


def _end_of_head(statement: ast.stmt) -> int:
    """Return the last line of a statement, of a compound one the line before its body."""
    body = getattr(statement, "body", None)
    if body:
        return max(statement.lineno, int(body[0].lineno) - 1)
    return statement.end_lineno or statement.lineno
