"""Bring an instance up: configuration, database, addons, server."""

from . import addons, database, odoo_conf, server
from .console import step
from .machine import Machine
from .settings import Instance


def up(
    machine: Machine, instance: Instance, *, fresh: bool = False, tests: bool = False
) -> str:
    """Bring an instance to the state of this checkout and its server up.

    :param fresh: start from an empty database
    :param tests: install the addons that are made for tests, too
    :return: the password of the user `admin`
    :raise Stop: Odoo could not install our addons, or the server does not come up
    """
    settings = machine.settings
    wanted = addons.names(tests=tests)
    changed = odoo_conf.write(settings, instance, machine.postgres)
    with step(f"Database {instance.database}") as now:
        if fresh:
            server.stop(settings, instance)
            database.drop(machine, instance)
        now.note = "there"
        if not database.exists(machine, instance):
            database.drop(machine, instance)
            database.create(machine, instance, wanted)
            now.note = "created"
    todo = database.pending(machine, instance, wanted)
    _install(machine, instance, todo)
    password = database.ensure_admin(machine, instance)
    with step(f"Odoo server on port {instance.http_port}") as now:
        if changed or not server.is_current(settings, instance):
            server.stop(settings, instance)
        now.note = server.start(machine, instance)
    return password


def _install(machine: Machine, instance: Instance, todo: dict[str, list[str]]) -> None:
    with step("Addons") as now:
        now.note = "current"
        if not any(todo.values()):
            return
        server.stop(machine.settings, instance)
        database.apply(machine, instance, todo)
        now.note = f"{len(todo['-i'])} installed, {len(todo['-u'])} updated"
