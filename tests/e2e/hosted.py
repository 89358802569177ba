"""What is really there on the engine: databases, files, routes of the tested services."""

import os

import requests

from .client import PREFIX

POSTGRES = f"{PREFIX}-postgres"
ODOO = f"{PREFIX}-odoo-odoo-exec"
PROXY = f"{PREFIX}-proxy"


def databases(engine):
    """Return the names of the databases in the tested PostgreSQL, templates left out."""
    status, output = engine.containers.get(POSTGRES).exec_run(
        ["psql", "-X", "-A", "-t", "-d", "postgres", "-c",
         "SELECT datname FROM pg_database"],
        user="postgres",
    )  # fmt: skip
    assert status == 0, output
    names = set(output.decode().split())
    return {name for name in names if not name.startswith(("template", "tpl_"))} - {
        "postgres"
    }


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
