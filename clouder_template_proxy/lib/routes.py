"""What the proxy routes: plain values that mean nothing else to nginx."""

import re
from collections.abc import Iterable
from typing import NamedTuple

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*", re.ASCII)
BACKEND = re.compile(LABEL, re.ASCII)
ODD = re.compile(r"[^a-z0-9.\n-]")
GENERATION_HOST = "generation.clouder.invalid"


class RouteRefused(ValueError):
    """A host, container name or port that must not reach nginx's configuration."""


class Route(NamedTuple):
    """One host and the container that answers for it.

    A plain tuple, for there may be tens of thousands: see :meth:`check`.

    :param host: full host name
    :param backend: name of the container
    :param port: port of the container, http
    :param longpolling_port: port for ``/websocket``; 0 when it is the same
    :param alias: host that is redirected to this one, or ""
    :param secure: plain http is redirected to https
    :param suspended: visitors get the page that says so
    :param known_as: the host name by which the base itself knows who is asked for; "" when
        it is the same
    """

    host: str
    backend: str
    port: int
    longpolling_port: int = 0
    alias: str = ""
    secure: bool = False
    suspended: bool = False
    known_as: str = ""

    def check(self) -> "Route":
        """Return this route if nginx can serve it.

        :raise RouteRefused: it has a value that nginx's configuration must not hold
        """
        _check_host(self.host)
        for host in filter(None, (self.alias, self.known_as)):
            _check_host(host)
        if not BACKEND.fullmatch(self.backend):
            raise RouteRefused(f"{self.backend!r} is not a container name.")
        for port in (self.port, self.longpolling_port or 1):
            if not 0 < port < 65536:
                raise RouteRefused(f"{port} is not a port.")
        return self

    @property
    def address(self) -> str:
        """The container's ``name:port``."""
        return f"{self.backend}:{self.port}"

    @property
    def longpolling_address(self) -> str:
        """Where ``/websocket`` goes."""
        return f"{self.backend}:{self.longpolling_port or self.port}"


def _check_host(host: str) -> None:
    if len(host) > 253 or not HOST.fullmatch(host) or host == GENERATION_HOST:
        raise RouteRefused(f"{host[:80]!r} is not a host name the proxy can serve.")


def unique(routes: Iterable[Route]) -> list[Route]:
    """Return the routes sorted by host; of two with the same host the first stays.

    nginx refuses a map that holds a host twice, and one tenant's double entry must not
    keep the others from being served.

    :raise RouteRefused: a route holds a character that has a meaning for nginx
    """
    by_host: dict[str, Route] = {}
    for route in routes:
        by_host.setdefault(route.host, route)
    kept = sorted(by_host.values())
    words = "\n".join(
        [
            f"{route.host}\n{route.alias}\n{route.backend}\n{route.known_as}"
            for route in kept
        ]
    )
    if odd := ODD.search(words):
        near = words[max(odd.start() - 40, 0) : odd.end()]
        raise RouteRefused(f"A route holds an odd character: {near!r}.")
    return kept
