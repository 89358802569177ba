"""The wheel holds every file of every addon, and Odoo installs the addons from it."""

import dataclasses
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from devtool import addons, database, machine, odoo_conf, odoo_tree, postgres, settings
from devtool.settings import INSTANCES, REPO

pytestmark = pytest.mark.slow


def _run(*argv: str, cwd: Path) -> str:
    done = subprocess.run(argv, cwd=cwd, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel in a copy, so that no build folder is left in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPO / name, copy)
    skip = shutil.ignore_patterns("__pycache__")
    for name in addons.names(tests=True):
        shutil.copytree(REPO / name, copy / name, ignore=skip)
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    _run(*pip, "--wheel-dir", str(copy / "dist"), ".", cwd=copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


def test_name_and_version(wheel):
    version = addons.manifest("clouder")["version"]
    assert wheel.name == f"clouder-{version}-py3-none-any.whl"


def test_holds_the_tree(wheel):
    expected = {
        f"odoo/addons/{name}/{path}"
        for name in addons.names()
        for path in addons.files(name)
    }
    inside = {
        name
        for name in zipfile.ZipFile(wheel).namelist()
        if not name.split("/")[0].endswith(".dist-info")
    }
    assert inside == expected


def test_asks_for_what_it_imports(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
    metadata = archive.read(name).decode()
    declared = [
        addons.manifest(n).get("external_dependencies", {}) for n in addons.names()
    ]
    for requirement in {d for each in declared for d in each.get("python", [])}:
        assert f"Requires-Dist: {requirement}\n" in metadata
    assert "Requires-Dist: docker\n" in metadata
    assert "Requires-Dist: odoo-addon-queue_job" in metadata


@pytest.fixture
def ready():
    """The machine as ./dev test left it: Odoo, Python packages and PostgreSQL."""
    chosen = settings.load()
    odoo, _note = odoo_tree.ensure(chosen)
    server, _note = postgres.ensure(chosen)
    return machine.Machine(chosen, odoo, server)


@pytest.fixture
def clean_python(wheel, ready, tmp_path):
    """A virtual environment that has the wheel and sees Odoo, but not this checkout."""
    _run(sys.executable, "-m", "venv", str(tmp_path / "venv"), cwd=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    _run(str(python), "-m", "pip", "install", "--no-deps", str(wheel), cwd=tmp_path)
    odoo = ready.odoo.python or ready.settings.tools_python
    shows = "import sys; print('\\n'.join(p for p in sys.path if 'packages' in p))"
    path = _run(str(odoo), "-I", "-c", shows, cwd=tmp_path)
    (site,) = (tmp_path / "venv" / "lib").glob("python3*/site-packages")
    folder = f"{ready.odoo.folder}\n" if ready.odoo.folder else ""
    (site / "odoo.pth").write_text(path + folder)
    return python


def test_installs_from_the_wheel(ready, clean_python):
    instance, names = INSTANCES["wheel"], addons.names()
    odoo_conf.write(ready.settings, instance, ready.postgres, addons=False)
    database.drop(ready, instance)
    try:
        database.create(ready, instance, names)
        from_wheel = dataclasses.replace(
            ready, odoo=odoo_tree.Odoo(python=clean_python)
        )
        find = "import odoo, importlib.util as u; print(u.find_spec('odoo.addons.clouder').origin)"
        origin = _run(str(clean_python), "-I", "-c", find, cwd=Path("/"))
        assert origin.startswith(str(clean_python.parents[1]))
        output = database.apply(from_wheel, instance, {"-i": names, "-u": []})
        assert database.trouble(output) == []
        assert database.pending(ready, instance, names)["-i"] == []
    finally:
        database.drop(ready, instance)
