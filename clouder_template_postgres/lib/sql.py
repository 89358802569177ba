"""Write scripts for ``psql`` from values nobody has to trust.

A script is text for psql's standard input. Values enter it in two ways only: quoted
by :func:`literal` or :func:`identifier`, or as JSON through :func:`parameters`, for
scripts that are constant files. Each script looks before it acts, so that it can be
run again at any time.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

IDENTIFIER_LIMIT = 63
PARAMETER = "clouder.parameters"
_DATABASE = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.ASCII)


class SqlRefused(ValueError):
    """A value cannot stand in a script."""


def literal(value: str) -> str:
    """Return ``value`` as an SQL literal.

    :raise SqlRefused: it holds a NUL or a lone surrogate, which no database can store
    """
    return "'" + _plain(value).replace("'", "''") + "'"


def identifier(value: str) -> str:
    """Return ``value`` as an SQL identifier.

    :raise SqlRefused: it is empty, too long (PostgreSQL would cut it), or holds a NUL
    """
    if not value or len(value.encode("utf-8", "replace")) > IDENTIFIER_LIMIT:
        raise SqlRefused(f"{value[:80]!a} cannot name anything in PostgreSQL.")
    return '"' + _plain(value).replace('"', '""') + '"'


def parameters(values: Mapping[str, Any]) -> str:
    """Return the lines that hand ``values`` to the constant SQL that follows.

    That SQL reads them with ``current_setting('clouder.parameters')::jsonb``. Nothing
    is printed.
    """
    text = literal(json.dumps(values, sort_keys=True))
    return f"SELECT set_config('{PARAMETER}', {text}, false) = '' AS done \\gset clouder_\n"


def connect(database: str, role: str) -> str:
    """Return the line that goes on in ``database`` as ``role``.

    :raise SqlRefused: one is not a plain name: psql would interpret it
    """
    words = [_checked(database), _checked(role)]
    return "\\connect {} {}\n".format(*(identifier(word) for word in words))


def create_database(
    name: str,
    owner: str,
    template: str = "template0",
    closed: bool = False,
    mark: str = "",
) -> str:
    """Return the script that has the database ``name``, owned by ``owner``.

    With a ``mark``, kept as the database's comment, the script fails where a database
    of this name is somebody else's: it bears another mark, or none and has another owner.

    :param template: the database to copy
    :param closed: a new database is marked as a template: it is left out wherever
        databases are listed until :func:`open_database` ends its making
    """
    form = " ENCODING 'UTF8'" if template == "template0" else ""
    state = " IS_TEMPLATE true" if closed else ""
    made = _when(
        f"NOT {_exists(name)}",
        f"CREATE DATABASE {identifier(name)} OWNER {identifier(owner)} "
        f"TEMPLATE {identifier(template)}{form}{state};\n",
    )
    marked = _marked(name, owner, mark) if mark else ""
    return f"{made}{marked}" + _when(
        f"has_database_privilege('public', {literal(name)}, 'CONNECT')",
        f"REVOKE CONNECT ON DATABASE {identifier(name)} FROM PUBLIC;\n",
    )


def open_database(name: str) -> str:
    """Return the script that ends the making of a database created closed."""
    return _when(
        f"EXISTS (SELECT FROM pg_database WHERE datname = {literal(name)} "
        "AND datistemplate)",
        f"ALTER DATABASE {identifier(name)} IS_TEMPLATE false;\n",
    )


def drop_database(name: str, owner: str = "", mark: str = "") -> str:
    """Return the script that drops ``name`` where it exists, whoever is connected.

    With a ``mark``, one that is somebody else's stays, see :func:`create_database`.
    """
    own = f" AND NOT {_is_foreign(name, owner, mark)}" if mark else ""
    return _when(
        f"{_exists(name)}{own}",
        f"ALTER DATABASE {identifier(name)} IS_TEMPLATE false;\n"
        f"DROP DATABASE {identifier(name)} WITH (FORCE);\n",
    )


def foreign(names: Iterable[str], owner: str, mark: str) -> str:
    """Return the query for those of ``names`` that are databases of somebody else."""
    listed = ", ".join(literal(name) for name in names)
    return (
        f"SELECT datname FROM pg_database WHERE datname IN ({listed}) "  # noqa: S608
        f"AND {_unlike(owner, mark)};\n"
    )


def keep_as_template(made: str, name: str) -> str:
    """Return the script that turns the database ``made`` into the template ``name``.

    The new name is the proof that the making has ended. Nobody can connect to a
    template, so it can be copied at any time.
    """
    return (
        "BEGIN;\n"
        f"ALTER DATABASE {identifier(made)} ALLOW_CONNECTIONS false;\n"
        f"{_disconnect(made)}"
        f"ALTER DATABASE {identifier(made)} RENAME TO {identifier(name)};\n"
        "COMMIT;\n"
    )


def put_in_place(made: str, name: str, old: str) -> str:
    """Return the script that puts the database ``made`` in the place of ``name``.

    Both change names in one transaction; the former one is then called ``old``.
    """
    lines = ["BEGIN;\n"]
    for current, wanted in ((name, old), (made, name)):
        lines += [
            f"ALTER DATABASE {identifier(current)} ALLOW_CONNECTIONS false;\n",
            _disconnect(current),
            f"ALTER DATABASE {identifier(current)} RENAME TO {identifier(wanted)};\n",
        ]
    lines += [
        f"ALTER DATABASE {identifier(name)} ALLOW_CONNECTIONS true;\n",
        f"ALTER DATABASE {identifier(name)} IS_TEMPLATE false;\n",
        "COMMIT;\n",
    ]
    return "".join(lines)


def _when(condition: str, then: str) -> str:
    look = f"SELECT {condition} AS wanted \\gset clouder_\n"
    return f"{look}\\if :clouder_wanted\n{then}\\endif\n"


def _marked(name: str, owner: str, mark: str) -> str:
    message = f"the database {name} belongs to somebody else"
    body = f"BEGIN RAISE EXCEPTION USING MESSAGE = {literal(message)}; END"
    return (
        _when(_is_foreign(name, owner, mark), f"DO {literal(body)};\n")
        + f"COMMENT ON DATABASE {identifier(name)} IS {literal(mark)};\n"
    )


def _is_foreign(name: str, owner: str, mark: str) -> str:
    return (
        f"EXISTS (SELECT FROM pg_database WHERE datname = {literal(name)} "
        f"AND {_unlike(owner, mark)})"
    )


def _unlike(owner: str, mark: str) -> str:
    return (
        f"coalesce(shobj_description(oid, 'pg_database') <> {literal(mark)}, "
        f"pg_get_userbyid(datdba) <> {literal(owner)})"
    )


def _exists(name: str) -> str:
    return f"EXISTS (SELECT FROM pg_database WHERE datname = {literal(name)})"


def _disconnect(name: str) -> str:
    return (
        "SELECT count(pg_terminate_backend(pid)) AS gone FROM pg_stat_activity "  # noqa: S608
        f"WHERE datname = {literal(name)} AND pid <> pg_backend_pid() \\gset clouder_\n"
    )


def _checked(name: str) -> str:
    if not _DATABASE.fullmatch(name):
        raise SqlRefused(f"{name[:80]!a} is no plain name of a database or role.")
    return name


def _plain(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise SqlRefused("The text holds half a character.") from error
    if "\x00" in value:
        raise SqlRefused("The text holds a NUL character.")
    return value
