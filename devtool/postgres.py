"""PostgreSQL: the user's server, or a cluster of our own on a Unix socket."""

import getpass
import os
import pwd
import shutil
from pathlib import Path

from . import apt
from .console import Stop
from .proc import CommandFailed, alive, indent, run, wait_for
from .settings import Postgres, Settings

PORT = "5439"
ROLE = "clouder"
START_SECONDS = 60
TUNING = """
listen_addresses = ''
unix_socket_directories = '{socket}'
port = {port}
max_connections = 300
shared_buffers = 256MB
wal_level = minimal
max_wal_senders = 0
# A power cut may lose the last half second, never the consistency.
synchronous_commit = off
dynamic_shared_memory_type = mmap
log_min_messages = warning
"""
# Who may be whom: by the system user at the other end of the socket, no passwords.
HBA = "local all all peer map=clouder\n"
NO_MAIN_CLUSTER = Path("/etc/postgresql-common/createcluster.d/clouder.conf")


def ensure(settings: Settings) -> tuple[Postgres, str]:
    """Find the PostgreSQL to use, or make and start our own cluster.

    :return: its address, and what was done in words
    :raise Stop: it does not answer, or there is none and it cannot be installed
    """
    if settings.own_postgres:
        _must_answer(settings, settings.own_postgres)
        return settings.own_postgres, "yours answers"
    server = Postgres(host=str(settings.state / "pg-run"), port=PORT, user=ROLE)
    if _answers(settings, server):
        return server, "running"
    tools = _tools(settings)
    user = "postgres" if settings.root else getpass.getuser()
    note = "started"
    if not (settings.state / "pg" / "PG_VERSION").exists():
        _create(settings, tools, user)
        note = "created and started"
    _start(settings, tools, user)
    _ensure_role(settings, user)
    return server, note


def stop(settings: Settings) -> str:
    """Stop our own cluster; a server of the user's is left alone.

    :return: what was done, in words
    """
    data = settings.state / "pg"
    if settings.own_postgres or forget_dead(data) is None:
        return "not running"
    user = "postgres" if settings.root else None
    argv = [
        str(_tools(settings) / "pg_ctl"),
        "-D",
        str(data),
        "-m",
        "fast",
        "-w",
        "stop",
    ]
    run(argv, log=settings.log("postgres"), user=user, cwd="/")
    return "stopped"


def psql(settings: Settings, server: Postgres, database: str, sql: str) -> str:
    """Run SQL, given on standard input, and return its bare rows.

    :raise CommandFailed: the server refused it
    """
    argv = ["psql", "-X", "-At", "-q", "-v", "ON_ERROR_STOP=1", "-d", database]
    log = settings.log("postgres")
    return run(argv, log=log, env=server.environ(), stdin=sql).strip()


def databases(settings: Settings, server: Postgres) -> list[str]:
    """Return the names of the databases on the server."""
    rows = psql(settings, server, "postgres", "SELECT datname FROM pg_database")
    return rows.splitlines()


def drop(settings: Settings, server: Postgres, database: str) -> None:
    """Drop a database of ours if it is there, ending what is still connected."""
    sql = f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'
    psql(settings, server, "postgres", sql)


def copy(settings: Settings, server: Postgres, source: str, target: str) -> None:
    """Make a database as a copy of another one that nobody is connected to."""
    sql = f'CREATE DATABASE "{target}" TEMPLATE "{source}"'
    psql(settings, server, "postgres", sql)


def _answers(settings: Settings, server: Postgres) -> bool:
    try:
        return psql(settings, server, "postgres", "SELECT 1") == "1"
    except (CommandFailed, Stop):
        return False


def _must_answer(settings: Settings, server: Postgres) -> None:
    if not shutil.which("psql"):
        apt.ensure(settings, ["postgresql-client"])
    try:
        psql(settings, server, "postgres", "SELECT 1")
    except CommandFailed as error:
        raise Stop(f"The PostgreSQL of CLOUDER_PG does not answer: {error}") from error


def _tools(settings: Settings) -> Path:
    def newest() -> list[Path]:
        found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
        return sorted(found, key=lambda p: int(p.parts[4]))

    if not newest():
        if settings.root:
            # Debian would make and start a cluster of its own, which nobody asked for.
            NO_MAIN_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
            NO_MAIN_CLUSTER.write_text("create_main_cluster = false\n")
        apt.ensure(settings, ["postgresql"])
    return newest()[-1].parent


def _create(settings: Settings, tools: Path, user: str) -> None:
    owner = pwd.getpwnam(user)
    for name, mode in (("pg", 0o700), ("pg-run", 0o755)):
        folder = settings.state / name
        folder.mkdir(parents=True, exist_ok=True)
        if settings.root:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        folder.chmod(mode)
    data = settings.state / "pg"
    argv = [str(tools / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8"]
    argv += ["--locale=C.UTF-8", "-A", "peer", "-N"]
    run(argv, log=settings.log("postgres"), user=_switch(settings, user), cwd="/")
    pairs = {(user, "postgres"), (user, ROLE), (getpass.getuser(), ROLE)}
    lines = [f"clouder {account} {role}\n" for account, role in sorted(pairs)]
    (data / "pg_hba.conf").write_text(HBA)
    (data / "pg_ident.conf").write_text("".join(lines))
    with (data / "postgresql.conf").open("a") as stream:
        stream.write(TUNING.format(socket=settings.state / "pg-run", port=PORT))


def _start(settings: Settings, tools: Path, user: str) -> None:
    data = settings.state / "pg"
    argv = [str(tools / "pg_ctl"), "-D", str(data), "-l", str(data / "server.log")]
    log = settings.log("postgres")
    forget_dead(data)
    # Not -w: the wait below names what it waits for, and asks the server itself.
    run([*argv, "-W", "start"], log=log, user=_switch(settings, user), cwd="/")

    def look() -> tuple[bool, str]:
        try:
            _as_owner(settings, user, "SELECT 1")
        except CommandFailed as error:
            return False, error.output.strip().partition("\n")[0]
        return True, "it answers"

    try:
        wait_for("PostgreSQL to accept connections", look, START_SECONDS)
    except Stop as error:
        tail = indent((data / "server.log").read_text(errors="replace"), 8)
        raise Stop(f"{error}\nThe end of its log:\n{tail}") from error


def forget_dead(data: Path) -> int | None:
    """Return the server's process id, after removing what a hard stop left.

    A machine that was cut off leaves the file of a server that is no more. Its number
    may belong to another program by now, which keeps the next server from starting.
    """
    file = data / "postmaster.pid"
    if not file.exists():
        return None
    first = file.read_text().partition("\n")[0].strip()
    pid = int(first) if first.isdigit() else 0
    command = Path(f"/proc/{pid}/comm")
    if alive(pid) and command.read_text().strip() == "postgres":
        return pid
    file.unlink()
    return None


def _switch(settings: Settings, user: str) -> str | None:
    return user if settings.root else None


def _ensure_role(settings: Settings, user: str) -> None:
    sql = (
        f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN CREATEDB; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    _as_owner(settings, user, sql)


def _as_owner(settings: Settings, user: str, sql: str) -> None:
    argv = ["psql", "-X", "-q", "-h", str(settings.state / "pg-run"), "-p", PORT]
    argv += ["-U", "postgres", "-d", "postgres"]
    log = settings.log("postgres")
    run(argv, log=log, user=_switch(settings, user), stdin=sql, cwd="/")
