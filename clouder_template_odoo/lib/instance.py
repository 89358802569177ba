"""The small addon that every Odoo container loads, and the tokens that it takes."""

import hashlib
import pathlib
import re

SOURCES = pathlib.Path(__file__).parents[1] / "instance"
FOLDER = "/etc/clouder/addons"
NAME = "clouder_instance"
LOGIN_PATH = "/clouder/login"
_RESULT = re.compile(r"^clouder_login:(\w+)$", re.MULTILINE)
_MANIFEST = {
    "name": "Clouder instance",
    "author": "Clouder",
    "license": "LGPL-3",
    "depends": ["web"],
    # It is loaded by the server, for all databases, and never installed in one.
    "installable": False,
}


def addon_files() -> dict[str, bytes]:
    """Return the files of the addon: content by path in the container."""
    modules = sorted(path.stem for path in SOURCES.glob("*.py"))
    texts = {
        "__manifest__": f"{_MANIFEST!r}\n",
        "__init__": "".join(f"from . import {name}\n" for name in modules),
        **{name: (SOURCES / f"{name}.py").read_text() for name in modules},
    }
    return {f"{FOLDER}/{NAME}/{name}.py": text.encode() for name, text in texts.items()}


def token_digest(database: str, token: str) -> str:
    """Return what is kept of a token; in a copy under another name it opens nothing."""
    return hashlib.sha256(f"{database}\0{token}".encode()).hexdigest()


def outcome(output: str) -> str:
    """Return what ``login.sql`` reported: ``done``, or ``missing`` without account."""
    found = _RESULT.search(output)
    return found[1] if found else ""
