"""This machine made ready: Odoo, Python packages, PostgreSQL, and the Docker Engine."""

from dataclasses import dataclass

from . import apt, base_images, checks, engine, odoo_tree, postgres, venv
from .console import step
from .engine_api import Engine
from .odoo_tree import Odoo
from .settings import Postgres, Settings


@dataclass(frozen=True)
class Machine:
    """What was found or made on this machine."""

    settings: Settings
    odoo: Odoo
    postgres: Postgres
    engine: Engine | None = None


def ensure(
    settings: Settings, *, docker: bool = True, browser: bool = False
) -> Machine:
    """Make everything ready that an instance needs, showing each step.

    :param docker: whether an engine and the base images are needed
    :param browser: whether the browser of the tours is needed
    :raise Stop: something is missing and cannot be had
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    settings.cache.mkdir(parents=True, exist_ok=True)
    with step("Disk") as now:
        now.note = checks.check_room(settings)
    dock = _engine(settings) if docker else None
    odoo = ensure_tools(settings)
    with step("PostgreSQL") as now:
        server, now.note = postgres.ensure(settings)
    if browser:
        with step("Browser") as now:
            now.note = apt.ensure(settings, ["chromium"])
    return Machine(settings, odoo, server, dock)


def ensure_tools(settings: Settings) -> Odoo:
    """Make Odoo's source and the Python packages ready, which lint needs too.

    :raise Stop: one of them cannot be had
    """
    with step("Odoo 19") as now:
        odoo, now.note = odoo_tree.ensure(settings)
    with step("Python packages") as now:
        now.note = venv.ensure(settings, odoo)
    return odoo


def _engine(settings: Settings) -> Engine:
    with step("Docker Engine") as now:
        dock, now.note = engine.ensure(settings)
    with step("Disk of the engine") as now:
        now.note = engine.room(settings, dock)
    for suite in base_images.SUITES:
        with step(f"Base image debian:{suite}-slim") as now:
            now.note = base_images.ensure(settings, dock, suite)
    return dock
