"""House rules that no linter knows: lengths, words that are not written, one `_name`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 40
# Run by the Odoo of a base, in its container.
REMOTE = "clouder_template_odoo/scripts/"
# What is not written, the cure, and the files (or folders) that are the place for it.
FORBIDDEN = {
    r"shell=True": ("give an argv list", ()),
    r"os\.system\(": ("give an argv list", ()),
    r"verify=False": ("check certificates", ()),
    r"AutoAddPolicy": ("pin host keys", ()),
    r"type_id\.(?:name|code) [!=]=": ("put it on the driver", ()),
    r"\bcr\.commit\(": (
        "the job engine alone commits",
        ("clouder/models/job_run.py", REMOTE),
    ),
    r"time\.sleep\(": ("wait for a named condition", ("clouder/lib/wait.py",)),
    r"except:": ("name the exception", ()),
}
# The rules themselves, and their tests, have to spell the words out.
SPELLERS = ("devtool/house_rules.py", "tests/tooling/test_house_rules.py")
SKIPPED = (".", "__pycache__", "build", "dist")


def check(repo: Path) -> str:
    """Check all Python files of a checkout.

    :return: one line for each place that breaks a rule; empty when there is none
    """
    found: list[str] = []
    names: dict[str, str] = {}
    for path in _python_files(repo):
        inner = str(path.relative_to(repo))
        text = path.read_text()
        found += [f"{inner}:{rest}" for rest in _lengths(text)]
        found += [f"{inner}:{rest}" for rest in _words(inner, text)]
        for name, line in _model_names(text):
            place = f"{inner}:{line}"
            if name in names:
                found.append(f"{place} _name {name} is already that of {names[name]}")
            names[name] = place
    return "\n".join(found)


def _python_files(repo: Path) -> Iterator[Path]:
    for path in sorted(repo.rglob("*.py")):
        if not any(part.startswith(SKIPPED) for part in path.relative_to(repo).parts):
            yield path


def _lengths(text: str) -> Iterator[str]:
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"1 {lines} lines, at most {FILE_LINES}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            length -= _docstring_lines(node)
            if length > FUNCTION_LINES:
                yield f"{node.lineno} {node.name} has {length} lines, at most {FUNCTION_LINES}"


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines the docstring takes: it explains, it is not code."""
    if ast.get_docstring(node) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def _words(inner: str, text: str) -> Iterator[str]:
    if inner in SPELLERS:
        return
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, (cure, allowed) in FORBIDDEN.items():
            found = re.search(pattern, line)
            if found and not inner.startswith(allowed):
                yield f"{number} `{found.group()}`: {cure}"


def _model_names(text: str) -> Iterator[tuple[str, int]]:
    """Yield the `_name` of each model that a file makes, not of those it extends."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ClassDef):
            continue
        values = {}
        for item in node.body:
            if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                values[item.targets[0].id] = item
        name, inherit = values.get("_name"), values.get("_inherit")
        if name is None or not isinstance(name.value, ast.Constant):
            continue
        parents = ast.literal_eval(inherit.value) if inherit else []
        if name.value.value not in ([parents] if isinstance(parents, str) else parents):
            yield str(name.value.value), name.lineno
