"""Decides what must be written so that the proxy serves what was rendered.

nginx loads one pointer file, which names a *slot* (``a`` or ``b``) of each part and
the generation. A changed part is written into the slot that is not served and the
pointer comes last, so what nginx reads at its next start is whole at any moment.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .render import CONF, Part, render_pointer

MAIN = "/etc/clouder/nginx.conf"
POINTER = f"{CONF}/current.conf"
POINTER_GLOB = f"{CONF}/current*.conf"
DRAINING = "draining"
GENERATION_PORTS = (8082, 8083)
CANDIDATE = f"{CONF}/candidate.conf"
CANDIDATE_MAIN = f"{CONF}/candidate-nginx.conf"


@dataclass(frozen=True, slots=True)
class Served:
    """The slot in use of one part and the digest of what is in it."""

    slot: str
    digest: str

    def holds(self, part: Part) -> bool:
        """Tell whether ``part`` is what is served."""
        return self.digest == part.digest

    def other(self, part: Part) -> "Served":
        """Return the other slot, holding ``part``."""
        return Served("b" if self.slot == "a" else "a", part.digest)


@dataclass(frozen=True, slots=True)
class Live:
    """What nginx says that it serves."""

    generation: int
    port: int
    maps: Served
    sites: Served

    @property
    def other_port(self) -> int:
        """The inner port of the generation before and after this one."""
        return sum(GENERATION_PORTS) - self.port

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for :func:`from_dict`."""
        return asdict(self)

    def to_json(self) -> str:
        """Return what the reserved host answers."""
        return json.dumps(self.to_dict(), separators=(",", ":"))


NOTHING = Live(0, GENERATION_PORTS[1], Served("b", ""), Served("b", ""))


def from_dict(data: Mapping[str, Any]) -> Live:
    """Return the :class:`Live` that ``data`` describes.

    :raise ValueError: it describes none
    """
    try:
        maps, sites = (
            Served(str(data[name]["slot"]), str(data[name]["digest"]))
            for name in ("maps", "sites")
        )
        live = Live(int(data["generation"]), int(data["port"]), maps, sites)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no generation in {str(data)[:80]!r}") from error
    if not {maps.slot, sites.slot} <= {"a", "b"} or live.port not in GENERATION_PORTS:
        raise ValueError(f"unknown slot or port in {str(data)[:80]!r}")
    return live


def parse_live(body: bytes | str) -> Live:
    """Return what ``body``, an answer of the reserved host, says.

    :raise ValueError: it is not such an answer
    """
    try:
        data = json.loads(body)
    except ValueError as error:
        raise ValueError(f"no generation in {body[:80]!r}") from error
    return from_dict(data)


def next_live(live: Live, generation: int, maps: Part, sites: Part | None) -> Live:
    """Return what is to be served next; ``live`` itself when nothing changed.

    :param generation: the number the new state gets, when it is a higher one
    :param sites: None keeps the server blocks as they are
    """
    wanted = live
    if not live.maps.holds(maps):
        wanted = replace(wanted, maps=live.maps.other(maps))
    if sites is not None and not live.sites.holds(sites):
        wanted = replace(wanted, sites=live.sites.other(sites))
    if wanted == live:
        return live
    number = max(generation, live.generation + 1)
    return replace(wanted, generation=number, port=live.other_port)


def unknown_content(live: Live) -> Live:
    """Return ``live`` for a proxy that does not answer: its slots hold who knows what."""
    return replace(
        live, maps=replace(live.maps, digest=""), sites=replace(live.sites, digest="")
    )


def part_file(live: Live, part: Part) -> tuple[str, bytes]:
    """Return path and content of ``part`` in the slot that ``live`` names."""
    slot = getattr(live, part.name).slot
    return f"{part.folder(slot)}/{part.name}.conf", part.content(slot)


def pointer_file(live: Live, path: str = POINTER) -> tuple[str, bytes]:
    """Return path and content of the pointer, which must be written last."""
    return path, render_pointer(live)
