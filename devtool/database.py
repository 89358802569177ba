"""An instance's database: made from a template, addons installed and kept up to date."""

import hashlib
import json
import re
import shutil
import threading
from pathlib import Path

from . import addons, odoo_conf, postgres, venv
from .console import Stop
from .machine import Machine
from .proc import CommandFailed, indent, run
from .settings import Instance

TEMPLATE_PREFIX = "clouder_tpl_"
# Tests of several instances begin at the same time; the template is theirs together.
MAKING_TEMPLATE = threading.Lock()
COMPLAINT = re.compile(
    r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) \S+ (?P<logger>\S+): (?P<text>.*)$",
    re.MULTILINE,
)
EXCEPTION = re.compile(r"^[\w.]+(?:Error|Exception): (?P<text>.+)$", re.MULTILINE)
# Whose fault it is stands in the name of the logger or of a model, view or file.
OURS = re.compile(r"\b(?:test_)?clouder[._]|/(?:test_)?clouder\w*/")
# Odoo's own files, which may lie in a folder of our name, and options it does not know.
FOREIGN = re.compile(r"\S*/(?:dist|site)-packages/\S*|unknown option \S+ .*")


def odoo(machine: Machine, instance: Instance, words: list[str], log: Path) -> str:
    """Run Odoo once in the foreground and return its output.

    :param words: arguments after the configuration, e.g. `-i`, `clouder`
    :param log: file the output is appended to
    :raise CommandFailed: it ended with an error
    """
    conf = odoo_conf.path(machine.settings, instance)
    python = venv.odoo_python(machine.settings, machine.odoo)
    argv = [str(python), "-m", "odoo", "-c", str(conf), "-d", instance.database]
    return run([*argv, *words], log=log, cwd="/")


def exists(machine: Machine, instance: Instance) -> bool:
    """Return whether the instance has its database."""
    return instance.database in postgres.databases(machine.settings, machine.postgres)


def drop(machine: Machine, instance: Instance) -> None:
    """Drop the database with its files and everything remembered about it."""
    postgres.drop(machine.settings, machine.postgres, instance.database)
    home = machine.settings.home(instance)
    shutil.rmtree(home / "data" / "filestore" / instance.database, ignore_errors=True)
    for name in ("installed.json", "admin.password"):
        (home / name).unlink(missing_ok=True)


def create(machine: Machine, instance: Instance, wanted: list[str]) -> None:
    """Make the database with the foreign addons that ours depend on.

    :param wanted: our addons that are going to be installed
    """
    foreign = ["base", *addons.foreign_dependencies(wanted)]
    with MAKING_TEMPLATE:
        template = _template(machine, instance, foreign)
    postgres.copy(machine.settings, machine.postgres, template, instance.database)
    files = machine.settings.cache / "filestore" / template
    target = machine.settings.home(instance) / "data" / "filestore" / instance.database
    shutil.rmtree(target, ignore_errors=True)
    if files.exists():
        shutil.copytree(files, target)
    # A copy is a database of its own: it must not share the template's identity.
    sql = (
        "UPDATE ir_config_parameter SET value = gen_random_uuid()::text "
        "WHERE key IN ('database.uuid', 'database.secret')"
    )
    postgres.psql(machine.settings, machine.postgres, instance.database, sql)


def _template(machine: Machine, instance: Instance, foreign: list[str]) -> str:
    settings, server = machine.settings, machine.postgres
    recipe = f"{foreign}{machine.odoo}{(settings.venv / venv.STAMP).read_text()}"
    name = TEMPLATE_PREFIX + hashlib.sha256(recipe.encode()).hexdigest()[:12]
    known = postgres.databases(settings, server)
    files = settings.cache / "filestore" / name
    if name in known and files.exists():
        return name
    for old in known:
        if old.startswith(TEMPLATE_PREFIX):
            postgres.drop(settings, server, old)
            shutil.rmtree(settings.cache / "filestore" / old, ignore_errors=True)
    part = Instance(instance.name, f"{name}_part", *_ports(instance))
    postgres.drop(settings, server, part.database)
    words = ["-i", ",".join(foreign), "--stop-after-init", "--no-http"]
    odoo(machine, part, words, settings.log("template"))
    made = settings.home(instance) / "data" / "filestore" / part.database
    made.mkdir(parents=True, exist_ok=True)
    files.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, files)
    sql = f'ALTER DATABASE "{part.database}" RENAME TO "{name}"'
    postgres.psql(settings, server, "postgres", sql)
    return name


def _ports(instance: Instance) -> tuple[int, int, int]:
    return instance.http_port, instance.proxy_http, instance.proxy_https


def pending(
    machine: Machine, instance: Instance, wanted: list[str]
) -> dict[str, list[str]]:
    """Return what has to be installed (`-i`) and updated (`-u`) in the database."""
    sql = "SELECT name FROM ir_module_module WHERE state = 'installed'"
    rows = postgres.psql(machine.settings, machine.postgres, instance.database, sql)
    there = set(rows.splitlines())
    known = _remembered(machine, instance)
    now = addons.digests(wanted)
    return {
        "-i": [name for name in wanted if name not in there],
        "-u": [n for n in wanted if n in there and known.get(n) != now[n]],
    }


def apply(machine: Machine, instance: Instance, todo: dict[str, list[str]]) -> str:
    """Install and update addons, and remember the state they are now in.

    :return: what Odoo printed
    :raise Stop: Odoo failed, or did not install one that was asked for
    """
    log = machine.settings.home(instance) / "install.log"
    words = [w for key, names in todo.items() if names for w in (key, ",".join(names))]
    words += ["--stop-after-init", "--no-http"]
    try:
        output = odoo(machine, instance, words, log)
    except CommandFailed as error:
        cause = root_cause(error.output)
        if not cause:
            raise
        raise Stop(
            f"Odoo could not install the addons: {cause} (log: {log})"
        ) from error
    wanted = [*todo["-i"], *todo["-u"]]
    left = pending(machine, instance, wanted)["-i"]
    if left:
        raise Stop(
            f"Odoo did not install {', '.join(left)} (log: {log}):\n{indent(output, 15)}"
        )
    remember = {**_remembered(machine, instance), **addons.digests(wanted)}
    _memory(machine, instance).write_text(json.dumps(remember, indent=2))
    return output


def root_cause(output: str) -> str:
    """Return the exception that the last traceback in Odoo's output began with.

    :return: its text, or nothing when there is no traceback
    """
    last = output.rpartition("Failed to load registry")[2]
    found = EXCEPTION.search(last)
    return found["text"] if found else ""


def trouble(output: str) -> list[str]:
    """Return the warnings and errors in Odoo's output that are about our addons."""
    return [
        found.group()
        for found in COMPLAINT.finditer(output)
        if OURS.search(f"{found['logger']} {FOREIGN.sub('', found['text'])}")
    ]


def _memory(machine: Machine, instance: Instance) -> Path:
    return machine.settings.home(instance) / "installed.json"


def _remembered(machine: Machine, instance: Instance) -> dict[str, str]:
    file = _memory(machine, instance)
    return json.loads(file.read_text()) if file.exists() else {}


def ensure_admin(machine: Machine, instance: Instance) -> str:
    """Give the user `admin` a generated password and return it.

    A password that the administrator changed later is left alone.
    """
    password, fresh = odoo_conf.secret(machine.settings, instance, "admin.password")
    if fresh:
        sql = (
            f"UPDATE res_users SET password = '{odoo_conf.password_hash(password)}' "
            "WHERE login = 'admin'"
        )
        postgres.psql(machine.settings, machine.postgres, instance.database, sql)
    return password
