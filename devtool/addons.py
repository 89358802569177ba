"""The addons of this checkout: names, what they stand on, and whether they changed."""

import ast
import hashlib
from pathlib import Path
from typing import Any

from .settings import REPO

# Changing these changes nothing in a database.
NOT_INSTALLED = {"tests", "readme"}


def names(*, tests: bool = False) -> list[str]:
    """Return the repository's addons.

    :param tests: whether those that only serve tests (`test_*`) are wanted too
    """
    found = sorted(path.parent.name for path in REPO.glob("*/__manifest__.py"))
    return [name for name in found if tests or not name.startswith("test_")]


def manifest(name: str) -> dict[str, Any]:
    """Return an addon's manifest."""
    text = (REPO / name / "__manifest__.py").read_text()
    values: dict[str, Any] = ast.literal_eval(text)
    return values


def foreign_dependencies(addons: list[str]) -> list[str]:
    """Return the addons of others that ours name in their manifests."""
    wanted = {name for addon in addons for name in manifest(addon).get("depends", [])}
    return sorted(wanted - set(names(tests=True)))


def files(name: str) -> list[Path]:
    """Return the files of an addon, relative to it, without what tools leave there."""
    found = (path.relative_to(REPO / name) for path in (REPO / name).rglob("*"))
    return sorted(
        path
        for path in found
        if (REPO / name / path).is_file()
        and not any(part.startswith((".", "__pycache__")) for part in path.parts)
    )


def digest(name: str) -> str:
    """Return a digest of everything in an addon that an installation reads."""
    total = hashlib.sha256()
    for path in files(name):
        if not NOT_INSTALLED.intersection(path.parts):
            total.update(
                f"{path}\0".encode() + (REPO / name / path).read_bytes() + b"\0"
            )
    return total.hexdigest()


def digests(addons: list[str]) -> dict[str, str]:
    """Return the digest of each addon."""
    return {name: digest(name) for name in addons}
