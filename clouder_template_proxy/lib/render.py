"""Renders nginx's configuration whole, from routes and settings."""

import functools
import hashlib
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .pages import LANGUAGES, PAGES
from .routes import GENERATION_HOST, HOST, Route, RouteRefused, unique

CONF = "/srv/proxy"
SPOOL = "/srv/spool"
CHALLENGES = f"{CONF}/challenges"
CHALLENGE_PATH = "/.well-known/acme-challenge/"
HTTP_PORT, HTTPS_PORT, HEALTH_PORT = 8080, 8443, 8081
TEMPLATES = Path(__file__).parent.parent / "templates"
SUSPENDED = "suspended"
MAP_WORDS = frozenset({"default", "hostnames", "include", "volatile"})


@dataclass(frozen=True, slots=True)
class Site:
    """The settings of one proxy.

    :param https_suffix: ``:8443`` behind the host name, or "" for the usual port
    """

    https_suffix: str = ""
    max_body_size_mb: int = 512
    timeout_s: int = 720


@dataclass(frozen=True, slots=True)
class Block:
    """A server block of its own: host names that share one certificate.

    :param token: anything that changes when the certificate or its key changes
    """

    names: tuple[str, ...]
    token: str

    def __post_init__(self) -> None:
        for name in self.names:
            if not HOST.fullmatch(name.removeprefix("*.")):
                raise RouteRefused(f"{name[:80]!r} is not a host name.")

    @property
    def file(self) -> str:
        """Name of the file that holds the chain and the key."""
        return f"site-{digest(self.token)}.pem"


@dataclass(frozen=True, slots=True)
class Part:
    """One half of the configuration, written and switched on its own.

    :param name: ``maps`` or ``sites``
    :param text: the configuration, with ``@folder@`` where its own folder goes
    :param digest: of what was asked for, which may be more than what is in ``text``
    """

    name: str
    text: str
    digest: str

    def folder(self, slot: str) -> str:
        """Return the folder of this part in ``slot``."""
        return f"{CONF}/{self.name}-{slot}"

    def content(self, slot: str) -> bytes:
        """Return the file for ``slot``."""
        return self.text.replace("@folder@", self.folder(slot)).encode()


def digest(text: str) -> str:
    """Return a short digest of ``text``."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 nginx, not HTML; values are checked by Route
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _render(template: str, **values: Any) -> str:
    return str(_environment().get_template(template).render(values))


def render_maps(routes: Iterable[Route]) -> Part:
    """Return the part that says which host goes where.

    :raise RouteRefused: a route holds a character that has a meaning for nginx
    """
    kept = unique(routes)
    backends = [(r.host, SUSPENDED if r.suspended else r.address) for r in kept]
    longpolling = {
        route.address: route.longpolling_address
        for route in kept
        if route.longpolling_port
    }
    text = _render(
        "maps.conf.j2",
        backends=_lines(backends),
        longpolling=_lines(sorted(longpolling.items())),
        redirects=_lines(_redirects(kept)),
        secure=_lines((route.host, "1") for route in kept if route.secure),
        known_as=_lines((r.host, r.known_as) for r in kept if r.known_as),
    )
    return Part("maps", text, digest(text))


def _lines(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the entries of a ``map``; a word of nginx's own is escaped."""
    return "".join(
        [
            f"    \\{key} {value};\n" if key in MAP_WORDS else f"    {key} {value};\n"
            for key, value in pairs
        ]
    )


def _redirects(routes: Sequence[Route]) -> list[tuple[str, str]]:
    hosts = {route.host for route in routes}
    aliases = {
        route.alias: route.host
        for route in routes
        if route.alias and route.alias not in hosts
    }
    return sorted(aliases.items())


def render_sites(
    site: Site,
    default_token: str,
    blocks: Iterable[Block],
    without: Container[Block] = (),
) -> Part:
    """Return the part with the settings and the server blocks.

    :param default_token: anything that changes with the default certificate
    :param without: blocks whose certificate turned out to be unusable; they are left
        out, but the digest is the same as with them
    """
    wanted = list(blocks)
    asked = _sites_text(site, default_token, wanted)
    kept = [block for block in wanted if block not in without]
    text = asked if kept == wanted else _sites_text(site, default_token, kept)
    return Part("sites", text, digest(asked))


def _sites_text(site: Site, default_token: str, blocks: Sequence[Block]) -> str:
    return _render(
        "sites.conf.j2",
        site=site,
        blocks=blocks,
        default_file=default_file(default_token),
        folder="@folder@",
        pages=PAGES,
        languages=LANGUAGES,
        challenges=CHALLENGES,
        challenge_path=CHALLENGE_PATH,
        suspended=SUSPENDED,
        http_port=HTTP_PORT,
        https_port=HTTPS_PORT,
    )


def default_file(token: str) -> str:
    """Return the name of the file that holds the default certificate and its key."""
    return f"default-{digest(token)}.pem"


def render_pointer(live: Any) -> bytes:
    """Return the small file that names the served slots and the generation.

    :param live: a :class:`~.publication.Live`
    """
    return _render(
        "current.conf.j2",
        live=live,
        conf=CONF,
        http_port=HTTP_PORT,
        generation_host=GENERATION_HOST,
    ).encode()


def render_main(
    pointer_glob: str, worker_processes: str = "auto", drain_s: int = 30
) -> bytes:
    """Return nginx's main file; it includes the pointer, if there is one."""
    if not re.fullmatch(r"auto|[1-9][0-9]?", worker_processes):
        raise ValueError(f"{worker_processes!r} is not a number of workers.")
    return _render(
        "nginx.conf.j2",
        pointer_glob=pointer_glob,
        worker_processes=worker_processes,
        drain_s=drain_s,
        spool=SPOOL,
        health_port=HEALTH_PORT,
    ).encode()
