"""Put files into containers as tar streams, and take one out."""

import contextlib
import io
import posixpath
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..dockerfile import check_path
from ..errors import EngineRefused, SpecRefused
from ..labels import LABEL_DATABASE
from ..spec import File
from .connection import Session

GET_LIMIT = 64 * 1024 * 1024


def tar_of(files: Iterable[File], root: str = "/") -> bytes:
    """Return a tar archive of ``files`` with their owners and modes.

    :param root: the folder the archive will be unpacked in
    :raise SpecRefused: a file does not lie in it
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file in files:
            name = posixpath.relpath(file.path, root)
            if name.startswith(".."):
                raise SpecRefused(f"{file.path} does not lie in {root}.")
            entry = tarfile.TarInfo(name)
            entry.size = len(file.content)
            entry.mode, entry.uid, entry.gid = file.mode, file.uid, file.gid
            archive.addfile(entry, io.BytesIO(file.content))
    return buffer.getvalue()


def context_of(dockerfile: str, files: Mapping[str, bytes]) -> bytes:
    """Return the tar archive of a build: the Dockerfile and the files beside it.

    :param files: contents by path relative to the Dockerfile
    :raise SpecRefused: a path leads out of the archive
    """
    entries = [File("/Dockerfile", dockerfile.encode())]
    for path, content in sorted(files.items()):
        check_path(f"/{path}")
        entries.append(File(f"/{path}", content))
    return tar_of(entries)


def parcels(
    files: Sequence[File], mounts: Sequence[Mapping[str, Any]]
) -> dict[str, list[File]]:
    """Return ``files`` grouped by the place they go to: a mount's target or ``/``.

    :param mounts: the mounts of an inspected container
    """
    targets = sorted((str(m["Destination"]) for m in mounts), key=len, reverse=True)
    grouped: dict[str, list[File]] = {}
    for file in files:
        inside = (t for t in targets if file.path.startswith(f"{t}/"))
        grouped.setdefault(next(inside, "/"), []).append(file)
    return grouped


def _owner(archive: bytes) -> tuple[int, int] | None:
    """Return who owns the first entry of an archive, None when that is not told."""
    header = archive[: tarfile.BLOCKSIZE]
    try:
        entry = tarfile.TarInfo.frombuf(header, tarfile.ENCODING, "surrogateescape")
    except tarfile.HeaderError:
        return None
    return (entry.uid, entry.gid) if entry.isdir() else None


class FileOperations(Session):
    """Files in containers, whether these run or not."""

    def files_put(self, name: str, files: Sequence[File]) -> None:
        """Put ``files`` into a container, one archive for each place.

        It works on a container that was never started, on one with a read-only root
        (for files in volumes) and for volumes that it mounts read-only.

        :raise EngineRefused: a file lies on a read-only root, outside of every volume
        """
        if not files:
            return
        with self.errors(f"put files into {name}"):
            state = self.api.inspect_container(name)
        mounts = {str(m["Destination"]): m for m in state["Mounts"]}
        for place, group in parcels(files, state["Mounts"]).items():
            if place in mounts and not mounts[place]["RW"]:
                self._put_beside(state, mounts[place], group)
            else:
                self._put(name, place, group)

    def _put(self, name: str, place: str, files: Sequence[File]) -> None:
        with self.errors(f"put {files[0].path} into {name}"):
            self.api.put_archive(name, place, tar_of(files, place))

    def _put_beside(
        self, state: Mapping[str, Any], mount: Mapping[str, Any], files: Sequence[File]
    ) -> None:
        """Put files into a read-only mount through a container that never starts."""
        place = str(mount["Destination"])
        name = str(state["Name"]).lstrip("/")
        config = {
            "Image": state["Image"],
            "Labels": state["Config"]["Labels"],
            "HostConfig": {
                "Mounts": [{"Type": "volume", "Source": mount["Name"], "Target": place}]
            },
        }
        with self.helper(f"{name}.put", config) as helper:
            self._put(helper, place, files)

    @contextlib.contextmanager
    def helper(self, name: str, config: dict[str, Any]) -> Iterator[str]:
        """Make a container that never starts, and remove it at the end.

        :param name: its name; one that a crash left behind gives way
        :param config: its image, labels and mounts in the engine's form
        :return: its id
        :raise EngineRefused: a container of this name is not ours
        """
        whole = {**config, "Cmd": ["never-started"]}
        whole["HostConfig"] = {**config["HostConfig"], "NetworkMode": "none"}
        with self.errors(f"make the helper container {name}"):
            for old in self.api.containers(all=True, filters={"name": f"^/{name}$"}):
                own = config["Labels"].get(LABEL_DATABASE)
                if not own or old["Labels"].get(LABEL_DATABASE) != own:
                    raise EngineRefused(f"The container {name} is not ours.")
                self.api.remove_container(old["Id"], v=True, force=True)
            made = self.create_raw(whole, name)
        try:
            yield made
        finally:
            with self.errors(f"remove the helper container {name}"):
                self.api.remove_container(made, v=True)

    def folders_give(self, name: str, owners: Mapping[str, str]) -> None:
        """Give folders of a container, not what is in them, to users of its image.

        An archive with nothing but the folder does it, also where the root is
        read-only, as long as the folder is a volume's. Its mode stays, and a folder
        that is the user's already is not touched.

        :param owners: path of the folder to name of the user
        :raise EngineRefused: the image has no such user
        """
        users = self._users_of(name) if owners else {}
        for path, user in owners.items():
            if user not in users:
                raise EngineRefused(f"The image of {name} has no user {user!a}.")
            self._give(name, path, *users[user])

    def _users_of(self, name: str) -> dict[str, tuple[int, int]]:
        """Return the users of a container: name to numbers of user and group."""
        lines = self.file_get(name, "/etc/passwd").decode("utf-8", "replace")
        rows = [line.split(":") for line in lines.splitlines()]
        return {row[0]: (int(row[2]), int(row[3])) for row in rows if len(row) > 3}

    def _give(self, name: str, path: str, uid: int, gid: int) -> None:
        # The engine passes over an entry called `.`, but not over this one.
        entry = tarfile.TarInfo("/")
        entry.type, entry.uid, entry.gid = tarfile.DIRTYPE, uid, gid
        with self.errors(f"give {path} of {name} to its user"):
            chunks, stat = self.api.get_archive(name, path)
            first = next(chunks, b"")
            chunks.close()
            if _owner(first) == (uid, gid):
                return
            entry.mode = int(stat["mode"]) & 0o777
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w") as archive:
                archive.addfile(entry)
            self.api.put_archive(name, path, buffer.getvalue())

    def file_get(self, name: str, path: str) -> bytes:
        """Return the content of a plain file of up to 64 MiB.

        :raise EngineMissing: there is no such container or file
        :raise EngineRefused: it is not a plain file, or too large
        """
        check_path(path)
        action = f"read {path} from {name}"
        with self.errors(action):
            chunks, stat = self.api.get_archive(name, path)
            if int(stat["size"]) > GET_LIMIT:
                raise EngineRefused(f"Cannot {action}: it is larger than 64 MiB.")
            # A file grows by its headers in an archive, never by more than this.
            data = bytearray()
            for chunk in chunks:
                data += chunk
                if len(data) > GET_LIMIT + 1024 * 1024:
                    raise EngineRefused(f"Cannot {action}: it is larger than 64 MiB.")
        with tarfile.open(fileobj=io.BytesIO(bytes(data))) as archive:
            member = archive.next()
            content = (
                archive.extractfile(member) if member and member.isfile() else None
            )
            if content is None:
                raise EngineRefused(f"Cannot {action}: it is not a plain file.")
            return content.read()
