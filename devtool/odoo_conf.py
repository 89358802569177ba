"""An instance's files: Odoo's configuration and the generated passwords."""

import base64
import configparser
import hashlib
import io
import os
import secrets
from pathlib import Path

from .settings import REPO, Instance, Postgres, Settings

# What a step of a job may take (STEP_S of clouder/lib/limits.py): the limit is there for
# requests that hang, and the server obeys it for jobs, too.
REQUEST_SECONDS = 10800
# A receiver of webhooks that is away holds a worker for 20 seconds: never all of them.
CHANNELS = "root:6,root.clouder_webhook:2"
MEMORY = 4 * 1024**3
ROUNDS = 600_000


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, never readable in between."""
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    part.rename(path)


def secret(settings: Settings, instance: Instance, name: str) -> tuple[str, bool]:
    """Return a generated password of an instance.

    :param name: the file it is kept in
    :return: the password, and whether it was made just now
    """
    path = settings.home(instance) / name
    if path.exists():
        return path.read_text().strip(), False
    value = secrets.token_urlsafe(15)
    write_private(path, value + "\n")
    return value, True


def path(settings: Settings, instance: Instance) -> Path:
    """Return where an instance's configuration lies."""
    return settings.home(instance) / "odoo.conf"


def write(
    settings: Settings, instance: Instance, server: Postgres, addons: bool = True
) -> bool:
    """Write an instance's configuration.

    :param addons: whether this checkout is on the addons path (a wheel needs none)
    :return: whether it changed
    """
    home = settings.home(instance)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / "data").mkdir(exist_ok=True, mode=0o700)
    master = secret(settings, instance, "master.password")[0]
    options = {
        "data_dir": home / "data",
        # No dbfilter: with one, each stranger's request asks PostgreSQL for a list.
        "db_name": instance.database,
        "list_db": False,
        "admin_passwd": master,
        "http_interface": "127.0.0.1",
        "http_port": instance.http_port,
        "gevent_port": instance.http_port + 3,
        "server_wide_modules": "base,web,rpc,queue_job",
        "workers": 0,
        "max_cron_threads": 1,
        "db_maxconn": 64,
        # Odoo warns about XML-RPC at every call; ./dev and many scripts speak it.
        "log_handler": ":INFO,odoo.addons.rpc.controllers.xmlrpc:ERROR",
        "limit_time_real": REQUEST_SECONDS,
        "limit_time_cpu": REQUEST_SECONDS,
        "limit_memory_soft": MEMORY,
        **({"addons_path": REPO} if addons else {}),
        **_database(server),
    }
    text = _render(
        {
            "options": options,
            "queue_job": {"channels": CHANNELS},
            "clouder": {"secret_key_file": home / "secret.key"},
        }
    )
    target = path(settings, instance)
    if target.exists() and target.read_text() == text:
        return False
    write_private(target, text)
    return True


def _database(server: Postgres) -> dict[str, str]:
    given = {
        "db_host": server.host,
        "db_port": server.port,
        "db_user": server.user,
        "db_password": server.password,
    }
    return {key: value for key, value in given.items() if value}


def _render(sections: dict[str, dict[str, object]]) -> str:
    parser = configparser.RawConfigParser()
    for name, options in sections.items():
        parser[name] = {key: str(value) for key, value in options.items()}
    stream = io.StringIO()
    parser.write(stream)
    return stream.getvalue()


def password_hash(password: str) -> str:
    """Return a password as Odoo stores it (passlib's pbkdf2-sha512 form)."""
    salt = secrets.token_bytes(16)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    return f"$pbkdf2-sha512${ROUNDS}${_ab64(salt)}${_ab64(key)}"


def _ab64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=").replace("+", ".")
