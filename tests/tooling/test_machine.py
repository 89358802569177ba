"""What ./dev finds out about the machine, and how it says that it cannot go on."""

import base64
import hashlib
import os
import socket
import stat
import sys

import pytest

from devtool import checks, odoo_conf, settings
from devtool.checks import check_port, port_owner
from devtool.console import Stop
from devtool.proc import CommandFailed, alive, run, spawn, wait_for
from devtool.settings import INSTANCES, Postgres, parse_postgres


@pytest.fixture
def chosen(tmp_path):
    environ = {
        "HOME": str(tmp_path),
        "CLOUDER_STATE": str(tmp_path / "state"),
        "CLOUDER_CACHE": str(tmp_path / "cache"),
    }
    return settings.load(environ)


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_port_owner_is_named(taken_port):
    assert f"(process {os.getpid()})" in port_owner(taken_port)
    with pytest.raises(
        Stop, match=f"Port {taken_port}, wanted for the demo, is taken by"
    ):
        check_port(taken_port, "the demo")


def test_no_room(chosen, monkeypatch):
    monkeypatch.setattr(checks, "ROOM_FIRST", 10**18)
    with pytest.raises(Stop, match=r"Only .* GB are free for .*cache"):
        checks.check_room(chosen)


def test_instances_share_no_port():
    ports = [
        port
        for i in INSTANCES.values()
        for port in (i.http_port, i.http_port + 3, i.proxy_http, i.proxy_https)
    ]
    assert len(ports) == len(set(ports))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("host=/run/pg port=5433 user=me", Postgres("/run/pg", "5433", "me")),
        ("postgresql://me:a%20b@db:5433", Postgres("db", "5433", "me", "a b")),
    ],
)
def test_postgres_address(text, address):
    assert parse_postgres(text) == address


def test_postgres_address_with_a_typo():
    with pytest.raises(Stop, match="does not know hots"):
        parse_postgres("hots=db")


def test_named_odoo_must_exist():
    with pytest.raises(Stop, match="/nowhere, which does not exist"):
        settings.load({"HOME": "/", "CLOUDER_ODOO": "/nowhere"})


def test_passwords_are_private_and_kept(chosen):
    instance = INSTANCES["demo"]
    assert odoo_conf.write(chosen, instance, Postgres(host="/run/pg"))
    assert not odoo_conf.write(chosen, instance, Postgres(host="/run/pg"))
    first, made = odoo_conf.secret(chosen, instance, "admin.password")
    again, made_again = odoo_conf.secret(chosen, instance, "admin.password")
    assert (made, made_again) == (True, False)
    assert first == again
    for name in ("admin.password", "odoo.conf"):
        mode = (chosen.home(instance) / name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_password_hash_is_what_odoo_reads():
    _empty, kind, rounds, salt, key = odoo_conf.password_hash("secret").split("$")

    def decode(text):
        return base64.b64decode(text.replace(".", "+") + "=" * (-len(text) % 4))

    again = hashlib.pbkdf2_hmac("sha512", b"secret", decode(salt), int(rounds))
    assert (kind, decode(key)) == ("pbkdf2-sha512", again)


def test_failed_command_shows_its_end(tmp_path):
    argv = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    with pytest.raises(CommandFailed, match="status 3") as caught:
        run(argv, log=tmp_path / "log")
    assert "the reason" in str(caught.value)
    assert "the reason" in (tmp_path / "log").read_text()


def test_wait_names_what_was_seen_last():
    with pytest.raises(Stop, match="waiting for the moon; last seen: clouds"):
        wait_for("the moon", lambda: (False, "clouds"), 0.05, pause=0.01)


def test_daemon_outlives_the_call(tmp_path):
    pid = spawn([sys.executable, "-c", "input()"], log=tmp_path / "log")
    wait_for("the daemon to end", lambda: (not alive(pid), "runs"), 10)
