"""Brings the files of a running container to what was rendered; writes what differs."""

import json
import time
from collections.abc import Sequence
from typing import Protocol

from .tables import (
    FOLDER,
    MANIFEST,
    STAMP,
    TABLES,
    Content,
    manifest,
    read_manifest,
    read_stamp,
)


class Place(Protocol):
    """The container, seen from the publication."""

    def get(self, path: str) -> bytes:
        """Return the content of a file, empty when there is none."""

    def put(self, files: dict[str, Content]) -> None:
        """Write files."""

    def run(self, argv: Sequence[str]) -> None:
        """Run a command."""


def publish(place: Place, files: dict[str, Content]) -> bool:
    """Have the container serve exactly ``files``.

    What was written is noted there at the very end, so an interrupted publication is
    done again. Postfix sees a new table, Dovecot and the others a new file, by themselves.

    :return: whether something had to be written
    """
    noted = place.get(MANIFEST)
    seen, wanted = read_manifest(noted), manifest(files)
    changed = {path: files[path] for path in wanted if seen.get(path) != wanted[path]}
    stale = sorted(seen.keys() - wanted.keys())
    if not changed and not stale:
        return False
    stamp = max(int(time.time()), read_stamp(noted) + 1)
    if changed:
        place.put(changed)
        # They come with an old date. Dovecot tells a new file by its size and its second
        # alone, so no two publications may bear the same one.
        place.run(["touch", "-d", f"@{stamp}", "--", *sorted(changed)])
    tables = [name for name in TABLES if f"{FOLDER}/{name}" in changed]
    if tables:
        place.run(["postmap", *(f"lmdb:{FOLDER}/{name}" for name in tables)])
    if stale:
        place.run(["rm", "-f", "--", *stale])
    note = json.dumps({**wanted, STAMP: stamp}, sort_keys=True)
    place.put({MANIFEST: Content(note, "root", 0o444)})
    return True
