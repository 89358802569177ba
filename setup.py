"""One wheel with all addons: each folder with a manifest becomes `odoo.addons.<name>`.

Odoo itself is no requirement here, because PyPI has none: "Installing" in README.md says
how to get it.
"""

import ast
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).resolve().parent


def manifest(addon: str) -> dict:
    """Return the manifest of an addon."""
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())


def files(addon: str) -> list[Path]:
    """Return the files of an addon, relative to it."""
    found = (path for path in (ROOT / addon).rglob("*") if path.is_file())
    inner = sorted(path.relative_to(ROOT / addon) for path in found)
    return [path for path in inner if not any(map(left_by_tools, path.parts))]


def left_by_tools(part: str) -> bool:
    """Return whether a part of a path is a cache of Python or of a linter."""
    return part.startswith((".", "__pycache__"))


def packages(addon: str) -> dict[str, str]:
    """Return the Python packages of an addon: dotted name to folder."""
    folders = [path.parent for path in files(addon) if path.name == "__init__.py"]
    return {
        ".".join(["odoo.addons", addon, *folder.parts]): str(Path(addon, folder))
        for folder in folders
    }


def data(addon: str) -> list[str]:
    """Return what setuptools would not take by itself: all but modules in packages."""
    folders = {path.parent for path in files(addon) if path.name == "__init__.py"}
    return [
        str(path)
        for path in files(addon)
        if path.suffix != ".py" or path.parent not in folders
    ]


ADDONS = sorted(
    path.parent.name
    for path in ROOT.glob("*/__manifest__.py")
    if not path.parent.name.startswith("test_")
)
PACKAGES = {name: path for addon in ADDONS for name, path in packages(addon).items()}
REQUIRES = {
    requirement
    for addon in ADDONS
    for requirement in manifest(addon)
    .get("external_dependencies", {})
    .get("python", [])
}

setup(
    name="clouder",
    version=manifest("clouder")["version"],
    description="Turns Odoo 19 into the control plane of a hosting company",
    long_description=(ROOT / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="LGPL-3.0-only",
    license_files=["LICENSE"],
    classifiers=["Framework :: Odoo", "Framework :: Odoo :: 19.0"],
    python_requires=">=3.10",
    install_requires=[*sorted(REQUIRES), "odoo-addon-queue_job==19.0.*"],
    packages=list(PACKAGES),
    package_dir=PACKAGES,
    package_data={f"odoo.addons.{addon}": data(addon) for addon in ADDONS},
    zip_safe=False,
)
