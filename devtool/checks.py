"""Reasons to stop before anything is done: no room, or a port that is taken."""

import contextlib
import shutil
from pathlib import Path

from .console import Stop
from .settings import Settings

GIB = 1024**3
ROOM_FIRST = 8 * GIB
ROOM_LATER = 2 * GIB
LISTEN = "0A"


def check_room(settings: Settings, *folders: Path) -> str:
    """Stop when a disk that is going to be written to is nearly full.

    :param folders: further folders, e.g. the engine's
    :return: the least room found, in words
    :raise Stop: names the folder and the room it needs
    """
    needed = ROOM_LATER if settings.tree.exists() else ROOM_FIRST
    least = None
    for folder in (settings.cache, settings.state, *folders):
        there = next(p for p in (folder, *folder.parents) if p.exists())
        free = shutil.disk_usage(there).free
        if free < needed:
            raise Stop(
                f"Only {free / GIB:.1f} GB are free for {folder}, and "
                f"{needed / GIB:.0f} GB are needed: make room, or move it with "
                "CLOUDER_CACHE or CLOUDER_STATE."
            )
        least = min(least or free, free)
    return f"{(least or 0) / GIB:.0f} GB free"


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == LISTEN and int(words[1].rpartition(":")[2], 16) == port:
                found.add(words[9])
    return found


def _sockets(process: Path) -> set[str]:
    found = set()
    # Processes and their files come and go, and those of others cannot be read.
    gone = (PermissionError, FileNotFoundError, ProcessLookupError)
    with contextlib.suppress(*gone):
        for descriptor in list((process / "fd").iterdir()):
            with contextlib.suppress(*gone):
                found.add(str(descriptor.readlink()))
    return found


def _owner(inodes: set[str]) -> str:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        if wanted.intersection(_sockets(process)):
            name = (process / "comm").read_text().strip()
            return f"{name} (process {process.name})"
    return "a process that only root can see"


def port_owner(port: int) -> str | None:
    """Return who listens on a TCP port of this machine, or None when nobody does."""
    inodes = _listening_inodes(port)
    return _owner(inodes) if inodes else None


def check_port(port: int, use: str) -> None:
    """Stop when a port is taken.

    :raise Stop: names the port, what it is for and the process that has it
    """
    owner = port_owner(port)
    if owner:
        raise Stop(
            f"Port {port}, wanted for {use}, is taken by {owner}: stop it first."
        )
