"""The addons of this checkout: names, what they stand on, and whether they changed."""

import ast
import hashlib

from .settings import REPO

# Changing these changes nothing in a database.
NOT_INSTALLED = {"tests", "__pycache__", "readme"}


def names(*, tests: bool = False) -> list[str]:
    """Return the repository's addons.

    :param tests: whether those that only serve tests (`test_*`) are wanted too
    """
    found = sorted(path.parent.name for path in REPO.glob("*/__manifest__.py"))
    return [name for name in found if tests or not name.startswith("test_")]


def manifest(name: str) -> dict:
    """Return an addon's manifest."""
    return ast.literal_eval((REPO / name / "__manifest__.py").read_text())


def foreign_dependencies(addons: list[str]) -> list[str]:
    """Return the addons of others that ours name in their manifests."""
    wanted = {name for addon in addons for name in manifest(addon).get("depends", [])}
    return sorted(wanted - set(names(tests=True)))


def digest(name: str) -> str:
    """Return a digest of everything in an addon that an installation reads."""
    total = hashlib.sha256()
    folder = REPO / name
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and not NOT_INSTALLED.intersection(inner.parts):
            total.update(f"{inner}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


def digests(addons: list[str]) -> dict[str, str]:
    """Return the digest of each addon."""
    return {name: digest(name) for name in addons}
