"""Odoo 19: the user's own, or Debian's package unpacked beside this machine's Python."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import apt
from .console import Stop
from .proc import run
from .settings import Settings

TESTED = "19.0.0+dfsg-1"
FROM_SID = [
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
]
# Odoo needs Font Awesome 4.7: Debian 12 has it, sid has 7 with other glyphs.
FROM_BOOKWORM = ["fonts-font-awesome"]
PROBE = (
    "import odoo.release, odoo.addons.queue_job, docker, paramiko, libcloud; "
    "print(odoo.release.series)"
)


@dataclass(frozen=True)
class Odoo:
    """An Odoo 19: the Python that runs it, or the folder to put on our Python's path."""

    python: Path | None = None
    folder: Path | None = None


def find(settings: Settings) -> Odoo | None:
    """Return the Odoo 19 that the user named or that is installed, else None.

    :raise Stop: what the user named is no Odoo 19 with queue_job
    """
    own = settings.own_odoo
    if own is None:
        python = shutil.which("python3")
        return Odoo(python=Path(python)) if python and _runs(Path(python)) else None
    if own.name == "odoo-bin":
        return Odoo(folder=own.parent)
    if own.is_dir() and (own / "odoo" / "release.py").exists():
        return Odoo(folder=own)
    if _runs(own):
        return Odoo(python=own)
    raise Stop(
        f"CLOUDER_ODOO={own} is no Python that imports Odoo 19 and its addon queue_job: "
        "name an odoo-bin, its folder, or a Python with `pip install --no-deps -r "
        "requirements.txt`."
    )


def _runs(python: Path) -> bool:
    # In /, so that a folder called odoo in the working directory is not taken for it.
    done = subprocess.run(
        [str(python), "-c", PROBE], capture_output=True, text=True, check=False, cwd="/"
    )
    return done.returncode == 0 and done.stdout.strip().endswith("19.0")


def ensure(settings: Settings) -> tuple[Odoo, str]:
    """Find Odoo, or unpack Debian's package into the cache.

    :return: the Odoo, and what was done in words
    :raise Stop: the archive cannot be reached or the download failed
    """
    found = find(settings)
    if found:
        return found, f"yours: {found.python or found.folder}"
    library = settings.tree / "usr/lib/python3/dist-packages"
    if (library / "odoo/release.py").exists():
        return Odoo(folder=library), "there"
    packages = _download(settings)
    _unpack(settings, packages)
    version = next(
        p.name.split("_")[1] for p in packages if p.name.startswith("odoo-19_")
    )
    note = f"unpacked {version}"
    return Odoo(
        folder=library
    ), note if version == TESTED else f"{note}, tested: {TESTED}"


def _download(settings: Settings) -> list[Path]:
    folder = settings.cache / "debs"
    folder.mkdir(parents=True, exist_ok=True)
    options = apt.private_options(settings, ["sid", "bookworm"])
    apt.update(settings, options)
    names = [f"{name}/sid" for name in FROM_SID]
    names += [f"{name}/bookworm" for name in FROM_BOOKWORM]
    run(["apt-get", *options, "download", *names], log=settings.log("odoo"), cwd=folder)
    return sorted(folder.glob("*.deb"))


def _unpack(settings: Settings, packages: list[Path]) -> None:
    fresh = settings.tree.with_name("odoo-19.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for package in packages:
        run(["dpkg-deb", "-x", str(package), str(fresh)], log=settings.log("odoo"))
    # The package's links to fonts and scripts climb one level too few.
    (fresh / "usr/lib/share").symlink_to("../share")
    fresh.rename(settings.tree)
    shutil.rmtree(settings.cache / "debs")
