from odoo import api, models

from odoo.addons.clouder.lib.errors import CommandFailed
from odoo.addons.clouder.lib.limits import COMMAND_S

from ..lib import sql
from ..lib.failure import SqlFailed
from .postgres import SUPERUSER

PSQL = [
    "psql",
    "--no-psqlrc",
    "--quiet",
    "--tuples-only",
    "--no-align",
    "--set=ON_ERROR_STOP=1",
    # The other forms repeat the statement, and with it what it holds.
    "--set=VERBOSITY=terse",
    f"--username={SUPERUSER}",
    "--dbname=postgres",
]
TRANSFER = "/var/lib/postgresql/transfer"


class ClouderDriverPostgres(models.AbstractModel):
    """The databases of a PostgreSQL service.

    Everything goes through ``psql`` in the container, with the script on its standard
    input: nothing of it appears in a process list.
    """

    _inherit = "clouder.driver.postgres"

    @api.model
    def _psql(self, service, script, timeout=600):
        """Run ``script`` as the superuser; return what it printed.

        :raise SqlFailed: a statement failed; the ones after it were not run
        """
        try:
            result = service._runner().exec(
                service, PSQL, stdin=script.encode(), timeout=timeout
            )
        except CommandFailed as error:
            raise SqlFailed(service.name, error.tail) from error
        return result.output

    @api.private
    def database_list(self, service):
        output = self._psql(
            service,
            "SELECT datname FROM pg_database WHERE datname NOT IN "
            "('postgres', 'template0', 'template1');\n",
        )
        return set(output.split())

    @api.private
    def database_create(self, service, name, owner, template=None, mark=""):
        self._psql(
            service,
            sql.create_database(name, owner, template or "template0", mark=mark),
        )

    @api.private
    def database_drop(self, service, name, owner="", mark=""):
        self._psql(service, sql.drop_database(name, owner, mark))

    @api.private
    def database_foreign(self, service, names, owner, mark):
        return set(self._psql(service, sql.foreign(names, owner, mark)).split())

    @api.private
    def database_script(self, service, database, sql):
        """Run ``sql`` in ``database`` as the superuser; return what it printed.

        A database of somebody else may hold traps (triggers, functions) for whoever
        works in it: connect as its owner there, see ``connect`` in ``lib/sql.py``.
        """
        return self._psql(service, _in_database(database) + sql)

    @api.model
    def _copy_database(self, service, source, source_owner, name, owner):
        """Copy the live database ``source`` into the empty database ``name``.

        Nobody is disconnected. Both ends work as the owners of the databases, so nothing
        in the copy can act as the superuser.
        """
        runner = service._runner()
        folder = f"{TRANSFER}/{name}"
        self._forget_transfer(service, name)
        try:
            for argv in (
                ["mkdir", "-p", TRANSFER],
                _dump(source, source_owner, folder),
                _restore(folder, name, owner),
            ):
                runner.exec(service, argv, timeout=COMMAND_S)
        finally:
            self._forget_transfer(service, name)

    @api.model
    def _forget_transfer(self, service, name):
        service._runner().exec(service, ["rm", "-rf", "--", f"{TRANSFER}/{name}"])


def _in_database(database):
    return "" if database == "postgres" else sql.connect(database, SUPERUSER)


def _dump(database, owner, folder):
    return [
        "pg_dump",
        "--format=directory",
        "--compress=0",
        "--no-acl",
        "--no-owner",
        f"--username={owner}",
        f"--file={folder}",
        f"--dbname={database}",
    ]


def _restore(folder, database, owner):
    return [
        "pg_restore",
        "--exit-on-error",
        "--jobs=2",
        "--no-acl",
        "--no-owner",
        f"--username={owner}",
        f"--dbname={database}",
        folder,
    ]
