"""The virtual environment: pinned packages, and the Odoo tree on its path."""

import hashlib
import sys
from pathlib import Path

from . import apt
from .console import Stop
from .odoo_tree import Odoo
from .proc import CommandFailed, run
from .settings import REPO, Settings

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
STAMP = "clouder.stamp"
PTH = "clouder-odoo.pth"


def ensure(settings: Settings, odoo: Odoo) -> str:
    """Make the virtual environment, or mend it when a pin changed.

    :param odoo: the Odoo whose folder is put on the path (when it has one)
    :return: what was done, in words
    :raise Stop: pip could not install the packages
    """
    stamp = settings.venv / STAMP
    wanted = _digest()
    done = "there"
    if not stamp.exists() or stamp.read_text() != wanted:
        _build(settings)
        stamp.write_text(wanted)
        done = "installed"
    if odoo.folder:
        (_site_packages(settings) / PTH).write_text(f"{odoo.folder}\n")
    return done


def odoo_python(settings: Settings, odoo: Odoo) -> Path:
    """Return the Python that runs Odoo: the user's when he named one, else ours."""
    return odoo.python or settings.tools_python


def _digest() -> str:
    pins = b"".join((REPO / name).read_bytes() for name in REQUIREMENTS)
    return hashlib.sha256(pins + sys.version.encode()).hexdigest()


def _build(settings: Settings) -> None:
    apt.ensure(settings, _needed())
    log = settings.log("venv")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # The same Python's environment is mended in place: somebody may be using it.
    clear = [] if (settings.venv / "lib" / version).exists() else ["--clear"]
    run([sys.executable, "-m", "venv", *clear, str(settings.venv)], log=log)
    pins = [word for name in REQUIREMENTS for word in ("-r", str(REPO / name))]
    pip = [str(settings.tools_python), "-m", "pip", "install", "--no-input"]
    try:
        # The files name every package, so pip has nothing to resolve.
        run([*pip, "--no-deps", *pins], log=log)
    except CommandFailed as error:
        raise Stop(f"pip could not install the pinned packages: {error}") from error


def _needed() -> list[str]:
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian splits it off its Python
    except ImportError:
        return ["python3-venv"]
    return []


def _site_packages(settings: Settings) -> Path:
    return next((settings.venv / "lib").glob("python3*/site-packages"))
