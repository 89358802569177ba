"""What is really there on the engine: databases, files, routes of the tested services."""

import os

import requests

from .client import PREFIX

POSTGRES = f"{PREFIX}-postgres"
ODOO = f"{PREFIX}-odoo-odoo-exec"
PROXY = f"{PREFIX}-proxy"


def templates(engine):
    """Return the names of the finished templates of databases."""
    names = {name for name in _databases(engine) if name.startswith("tpl_")}
    return {name for name in names if not name.endswith("_making")}


def databases(engine):
    """Return the names of the databases in the tested PostgreSQL, templates left out."""
    names = _databases(engine) - templates(engine)
    return {name for name in names if not name.startswith("template")} - {"postgres"}


def _databases(engine):
    status, output = engine.containers.get(POSTGRES).exec_run(
        ["psql", "-X", "-A", "-t", "-d", "postgres", "-c",
         "SELECT datname FROM pg_database"],
        user="postgres",
    )  # fmt: skip
    assert status == 0, output
    return set(output.decode().split())


def leftovers(engine):
    """Return databases that only exist while something is being made."""
    return {
        name
        for name in databases(engine)
        if name.startswith(("old_", "reset_")) or name.endswith("_making")
    }


def filestores(engine):
    """Return the names of the bases' folders in the tested Odoo's Data volume."""
    status, output = engine.containers.get(ODOO).exec_run(
        ["find", "/var/lib/odoo", "-maxdepth", "2", "-path", "*/filestore/*"]
    )
    assert status == 0, output
    names = {line.rsplit("/", 1)[1] for line in output.decode().split()}
    return {name for name in names if not name.startswith("tpl_")}


def page(host, path="/web/login"):
    """Return the status of a page of ``host`` through the tested proxy."""
    port = os.environ["CLOUDER_E2E_PROXY_HTTP"]
    return requests.get(
        f"http://127.0.0.1:{port}{path}",
        headers={"Host": host},
        allow_redirects=False,
        timeout=60,
    ).status_code


def parts(engine, prefix=PREFIX):
    """Return the names of all containers and volumes whose names begin with a prefix.

    Those of helpers are among them; so are the ones of the tests' own services.
    """
    containers = engine.api.containers(all=True)
    names = {one["Names"][0].lstrip("/") for one in containers}
    names |= {one["Name"] for one in engine.api.volumes()["Volumes"] or []}
    return {name for name in names if name.startswith(f"{prefix}-")} | private(engine)


def private(engine):
    """Return the unnamed volumes of our containers that no container holds any more."""
    label = engine.containers.get(POSTGRES).labels["clouder.database"]
    wanted = {"label": [f"clouder.database={label}"], "dangling": True}
    found = engine.api.volumes(filters=wanted)["Volumes"] or []
    return {one["Name"] for one in found if "clouder.private" in (one["Labels"] or {})}


def making(engine):
    """Return the folders of files that were being copied."""
    argv = ["find", "/var/lib/odoo/making", "-mindepth", "1", "-maxdepth", "1"]
    _status, output = engine.containers.get(ODOO).exec_run(argv, stderr=False)
    return set(output.decode().split())
