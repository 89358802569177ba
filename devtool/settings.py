"""Where everything lies, and what the environment variables say."""

import os
import shlex
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .console import Stop

REPO = Path(__file__).resolve().parent.parent
DEFAULT_ENGINE = "unix:///var/run/docker.sock"


@dataclass(frozen=True)
class Instance:
    """One running Clouder: its database, its ports, and its folder in the state.

    The ports of its proxy are published on 127.0.0.1, as its web server is.
    """

    name: str
    database: str
    http_port: int
    proxy_http: int
    proxy_https: int


INSTANCES = {
    instance.name: instance
    for instance in (
        Instance("demo", "clouder", 8069, 8080, 8443),
        Instance("test", "clouder_test", 8169, 8180, 8543),
        Instance("addons", "clouder_addons", 8269, 8280, 8643),
        Instance("bench", "clouder_bench", 8369, 8380, 8743),
        Instance("wheel", "clouder_wheel", 8469, 8480, 8843),
        Instance("adversity", "clouder_adversity", 8569, 8580, 8943),
    )
}


@dataclass(frozen=True)
class Postgres:
    """Address of a PostgreSQL server; empty values are libpq's defaults."""

    host: str = ""
    port: str = ""
    user: str = ""
    password: str = field(default="", repr=False)

    def environ(self) -> dict[str, str]:
        """Return libpq's variables, so that no password is on a command line."""
        named = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}
        return {k: v for k, v in {**named, "PGPASSWORD": self.password}.items() if v}


def parse_postgres(text: str) -> Postgres:
    """Read `postgresql://user:password@host:port` or `host=… port=… user=…`.

    :raise Stop: a word is neither of the two forms
    """
    if "://" in text:
        url = urllib.parse.urlsplit(text)
        return Postgres(
            urllib.parse.unquote(url.hostname or ""),
            str(url.port or ""),
            urllib.parse.unquote(url.username or ""),
            urllib.parse.unquote(url.password or ""),
        )
    pairs = dict(word.partition("=")[::2] for word in shlex.split(text))
    unknown = set(pairs) - {"host", "port", "user", "password"}
    if unknown:
        raise Stop(
            f"CLOUDER_PG does not know {', '.join(sorted(unknown))}: "
            "give host=… port=… user=… password=… or postgresql://user@host:port."
        )
    return Postgres(**pairs)


@dataclass(frozen=True)
class Settings:
    """Folders and user choices of this run of the command."""

    cache: Path
    state: Path
    engine: str
    engine_given: bool
    own_odoo: Path | None
    own_postgres: Postgres | None
    root: bool

    @property
    def logs(self) -> Path:
        """Folder of the logs of set-up steps."""
        return self.state / "log"

    @property
    def tree(self) -> Path:
        """The unpacked Odoo tree."""
        return self.cache / "odoo-19"

    @property
    def venv(self) -> Path:
        """The virtual environment with all pinned packages."""
        return self.cache / "venv"

    @property
    def tools_python(self) -> Path:
        """Python of the virtual environment: linters and pytest run with it."""
        return self.venv / "bin" / "python"

    def log(self, name: str) -> Path:
        """Return the log file of a step."""
        return self.logs / f"{name}.log"

    def home(self, instance: Instance) -> Path:
        """Return the folder that holds an instance's files."""
        return self.state / instance.name


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that the environment variables ask for.

    :raise Stop: a variable has a value that cannot be used
    """
    root = os.geteuid() == 0
    home = Path(environ.get("HOME") or Path.home())
    state = Path("/var/lib/clouder") if root else home / ".local/share/clouder"
    odoo = environ.get("CLOUDER_ODOO")
    if odoo and not Path(odoo).exists():
        raise Stop(f"CLOUDER_ODOO names {odoo}, which does not exist.")
    postgres = environ.get("CLOUDER_PG")
    return Settings(
        cache=Path(environ.get("CLOUDER_CACHE") or home / ".cache/clouder").absolute(),
        state=Path(environ.get("CLOUDER_STATE") or state).absolute(),
        engine=environ.get("DOCKER_HOST") or DEFAULT_ENGINE,
        engine_given=bool(environ.get("DOCKER_HOST")),
        own_odoo=Path(odoo).absolute() if odoo else None,
        own_postgres=parse_postgres(postgres) if postgres else None,
        root=root,
    )
