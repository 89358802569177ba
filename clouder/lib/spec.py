"""The wanted state of one container, checked when it is written down.

A spec can only say what is allowed: no host path can be mounted, nothing is
privileged, and every capability that is not named is dropped. Amend a spec with
:func:`dataclasses.replace`.
"""

import hashlib
import hmac
import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .dockerfile import check_path, check_reference
from .errors import SpecRefused
from .labels import LABEL_PRIVATE

DIGEST_FORM = 1
"""Raised when the meaning of a spec changes while its engine form does not."""

NANO = 1_000_000_000
MIB = 1024 * 1024
_CONTAINER = r"[a-z0-9]+(?:[.-][a-z0-9]+)*"
_VOLUME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_ENV_KEY = r"[A-Za-z_][A-Za-z0-9_]*"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_-]*(?::[A-Za-z0-9_][A-Za-z0-9_-]*)?"
_IP = r"[0-9a-fA-F.:]*"
_OPTIONS = r"[a-z0-9=,._-]*"
_TMPFS = {
    "/tmp": "rw,nosuid,nodev,size=256m,mode=1777",  # noqa: S108  # in a container
    "/run": "rw,nosuid,nodev,noexec,size=64m,mode=1777",
}


def _match(pattern: str, value: str, what: str, limit: int = 255) -> str:
    known = isinstance(value, str) and len(value) <= limit
    if not known or not re.fullmatch(pattern, value, re.ASCII):
        raise SpecRefused(f"{str(value)[:60]!a} cannot be {what}.")
    return value


def _within(value: int | float, low: float, high: float, what: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecRefused(f"{str(value)[:60]!a} cannot be {what}.")
    if not low <= value <= high:
        raise SpecRefused(f"{value} cannot be {what}.", f"Give {low:g} to {high:g}.")


def _words(argv: Iterable[str], what: str) -> tuple[str, ...]:
    if isinstance(argv, str):
        raise SpecRefused(f"{what} is a text.", "Give a list of words.")
    words = tuple(argv)
    for word in words:
        if not isinstance(word, str) or "\x00" in word:
            raise SpecRefused(f"{str(word)[:60]!a} cannot be a word of {what}.")
    return words


@dataclass(frozen=True)
class Mount:
    """A volume at a place in a container.

    :param volume: the volume's name; an empty one means a private volume that is
        made and removed together with the container, so a replaced container
        keeps its own files until it is gone
    :param target: absolute path in the container
    """

    volume: str
    target: str
    readonly: bool = False

    def __post_init__(self) -> None:
        if self.volume:
            _match(_VOLUME, self.volume, "the name of a volume")
        check_path(self.target)

    def holds(self, path: str) -> bool:
        """Return whether ``path`` lies inside this mount."""
        return path.startswith(f"{self.target}/")

    def to_engine(self, private_labels: Mapping[str, str]) -> dict[str, Any]:
        """Return the engine's form of this mount.

        :param private_labels: what a private volume is labelled with
        """
        form: dict[str, Any] = {"Type": "volume", "Target": self.target}
        if self.volume:
            form["Source"] = self.volume
        else:
            form["VolumeOptions"] = {"Labels": dict(private_labels)}
        if self.readonly:
            form["ReadOnly"] = True
        return form


@dataclass(frozen=True)
class Port:
    """A port published on the node; host port 0 lets the engine choose."""

    container_port: int
    protocol: str = "tcp"
    host_ip: str = "127.0.0.1"
    host_port: int = 0

    def __post_init__(self) -> None:
        _within(self.container_port, 1, 65535, "a port")
        _within(self.host_port, 0, 65535, "a host port")
        _match("tcp|udp", self.protocol, "a protocol")
        _match(_IP, self.host_ip, "an IP address")

    @property
    def key(self) -> str:
        """Return the engine's name of this port."""
        return f"{self.container_port}/{self.protocol}"


@dataclass(frozen=True)
class Health:
    """A command that the engine runs now and then to see whether all is well."""

    argv: Sequence[str]
    interval_s: float = 30
    timeout_s: float = 10
    retries: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "argv", _words(self.argv, "a health check"))
        _within(self.interval_s, 0.001, 86400, "an interval")
        _within(self.timeout_s, 0.001, 86400, "a timeout")
        _within(self.retries, 1, 1000, "a number of retries")

    def to_engine(self) -> dict[str, Any]:
        """Return the engine's form of this health check."""
        return {
            "Test": ["CMD", *self.argv],
            "Interval": int(self.interval_s * NANO),
            "Timeout": int(self.timeout_s * NANO),
            "Retries": self.retries,
        }


@dataclass(frozen=True)
class Limits:
    """What a container may use at most; 0 means no limit, but never for processes."""

    memory_mb: int = 0
    cpus: float = 0
    pids: int = 512

    def __post_init__(self) -> None:
        _within(self.memory_mb, 0, 2**30, "a memory limit in MB")
        _within(self.cpus, 0, 4096, "a number of processors")
        _within(self.pids, 1, 2**22, "a number of processes")

    def to_engine(self) -> dict[str, Any]:
        """Return the engine's form of these limits."""
        form: dict[str, Any] = {"PidsLimit": self.pids}
        if self.memory_mb:
            form["Memory"] = form["MemorySwap"] = self.memory_mb * MIB
        if self.cpus:
            form["NanoCpus"] = int(self.cpus * NANO)
        return form


@dataclass(frozen=True)
class File:
    """A file to put into a container; ``secret`` keeps its content out of messages."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    secret: bool = False

    def __post_init__(self) -> None:
        check_path(self.path)
        if not isinstance(self.content, bytes):
            raise SpecRefused(f"The content of {self.path} is not bytes.", "Encode it.")
        _within(self.mode, 0, 0o7777, "a file mode")
        _within(self.uid, 0, 2**31, "a user id")
        _within(self.gid, 0, 2**31, "a group id")


@dataclass(frozen=True)
class ContainerSpec:
    """All that is wanted of one container.

    :param name: the container's name, also its host name and first alias
    :param image: reference or id of the image
    :param image_id: the id that the reference stands for; it decides the digest
    :param command: words after the image's entry point; empty keeps the image's
    :param entrypoint: words that replace the image's entry point; empty keeps it
    :param network: the environment's network; empty means no network at all
    :param files: put into the container before it starts
    :param tmpfs: further paths in memory with their options; ``/tmp`` and ``/run``
        are there by default when the root is read-only
    """

    name: str
    image: str
    image_id: str = ""
    command: Sequence[str] = ()
    entrypoint: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    ports: Sequence[Port] = ()
    network: str = ""
    aliases: Sequence[str] = ()
    health: Health | None = None
    limits: Limits = field(default_factory=Limits)
    user: str = ""
    workdir: str = ""
    read_only: bool = True
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    cap_add: Sequence[str] = ()
    files: Sequence[File] = ()
    hostname: str = ""
    stop_signal: str = ""
    stop_timeout: int = 10
    init: bool = True

    def __post_init__(self) -> None:
        self._settle()
        _match(_CONTAINER, self.name, "the name of a container", 80)
        check_reference(self.image)
        if self.image_id:
            check_reference(self.image_id)
        self._check_process()
        self._check_network()
        self._check_places()

    def _settle(self) -> None:
        """Turn lists into tuples, so that nobody changes a spec behind its back."""
        for name in ("mounts", "ports", "cap_add", "files"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("command", "entrypoint", "aliases"):
            object.__setattr__(self, name, _words(getattr(self, name), f"the {name}"))
        for name in ("env", "labels", "tmpfs"):
            object.__setattr__(self, name, dict(getattr(self, name)))

    def _check_process(self) -> None:
        for key, value in self.env.items():
            _match(_ENV_KEY, key, "the name of an environment variable")
            if not isinstance(value, str) or "\x00" in value:
                raise SpecRefused(
                    f"The environment variable {key} is not a plain text."
                )
        if self.user:
            _match(_USER, self.user, "a user")
        if self.workdir:
            check_path(self.workdir)
        if self.stop_signal:
            _match(r"SIG[A-Z0-9+-]+", self.stop_signal, "a signal")
        for capability in self.cap_add:
            _match(r"[A-Z_]+", capability, "a capability")
        _within(self.stop_timeout, 0, 3600, "a number of seconds to stop")

    def _check_network(self) -> None:
        for name in (*self.aliases, self.hostname or self.name):
            _match(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", name, "a host name")
        if self.network:
            _match(_VOLUME, self.network, "the name of a network")
        elif self.ports:
            raise SpecRefused(
                f"{self.name} publishes ports but has no network.", "Give it a network."
            )

    def _check_places(self) -> None:
        for path, options in self.tmpfs.items():
            check_path(path)
            _match(_OPTIONS, options, f"the options of {path}")
        places = [*(mount.target for mount in self.all_mounts()), *self.tmpfs]
        for place in places:
            if places.count(place) > 1:
                raise SpecRefused(f"{self.name} has two things mounted at {place}.")
        for file in self.files:
            if any(file.path.startswith(f"{path}/") for path in self.all_tmpfs()):
                raise SpecRefused(
                    f"{file.path} would vanish: it lies in memory.",
                    "Put it outside of the tmpfs paths.",
                )

    def all_tmpfs(self) -> dict[str, str]:
        """Return the paths in memory, the default ones included."""
        taken = {mount.target for mount in self.mounts}
        default = _TMPFS if self.read_only else {}
        return {
            **{path: how for path, how in default.items() if path not in taken},
            **self.tmpfs,
        }

    def all_mounts(self) -> tuple[Mount, ...]:
        """Return the mounts, with a private one for each folder of loose files.

        A read-only root takes no files, so the folder of a file that lies in no
        mount becomes a private volume; the engine fills it with what the image
        has there.

        :raise SpecRefused: a file would need a folder of the root itself
        """
        mounts = list(self.mounts)
        if not self.read_only:
            return tuple(mounts)
        folders = {posixpath.dirname(file.path) for file in self.files}
        for folder in sorted(folders):
            if any(mount.holds(f"{folder}/x") for mount in mounts):
                continue
            if folder.count("/") < 2:
                raise SpecRefused(
                    f"{self.name} cannot have loose files in {folder or '/'}.",
                    "Put them into a folder of their own, such as /etc/<program>.",
                )
            mounts.append(Mount("", folder))
        return tuple(mounts)

    def secret_values(self) -> list[str]:
        """Return what has to be hidden in messages about this container."""
        contents = [file.content for file in self.files if file.secret]
        return [content.decode("utf-8", "replace") for content in contents]

    def digest(self, key: bytes) -> str:
        """Return a keyed digest of everything wanted, file contents included.

        :param key: without it nobody can guess a secret from the digest
        """
        form = {
            "form": DIGEST_FORM,
            "engine": {**self.to_engine(), "Image": self.image_id or self.image},
            "files": [
                [f.path, hashlib.sha256(f.content).hexdigest(), f.mode, f.uid, f.gid]
                for f in sorted(self.files, key=lambda file: file.path)
            ],
        }
        text = json.dumps(form, sort_keys=True, separators=(",", ":"), default=list)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def summary(self, key: bytes) -> dict[str, str]:
        """Return a short keyed digest of each part, to tell later which one changed.

        :param key: as for :meth:`digest`
        """
        parts: dict[str, Any] = {
            "image": self.image_id or self.image,
            "command": [list(self.entrypoint), list(self.command), self.user],
            "environment": dict(self.env),
            "ports": [repr(port) for port in self.ports],
            "volumes": [repr(mount) for mount in self.mounts],
            "limits": repr(self.limits),
            "files": [[file.path, file.content.hex()] for file in self.files],
        }
        return {
            name: hmac.new(
                key, json.dumps(part, sort_keys=True).encode(), hashlib.sha256
            ).hexdigest()[:16]
            for name, part in parts.items()
        }

    def to_engine(self) -> dict[str, Any]:
        """Return the body of the engine's call that creates this container."""
        form: dict[str, Any] = {
            "Image": self.image_id or self.image,
            "Hostname": self.hostname or self.name,
            "Env": [f"{key}={value}" for key, value in sorted(self.env.items())],
            "Labels": dict(self.labels),
            "ExposedPorts": {port.key: {} for port in self.ports},
            "StopTimeout": self.stop_timeout,
            "HostConfig": self._host_config(),
            "NetworkingConfig": {"EndpointsConfig": self._endpoints()},
        }
        optional = {
            "Cmd": list(self.command),
            "Entrypoint": list(self.entrypoint),
            "User": self.user,
            "WorkingDir": self.workdir,
            "StopSignal": self.stop_signal,
            "Healthcheck": self.health.to_engine() if self.health else None,
        }
        return {**form, **{key: value for key, value in optional.items() if value}}

    def _endpoints(self) -> dict[str, Any]:
        if not self.network:
            return {}
        aliases = dict.fromkeys([self.name, *self.aliases])
        return {self.network: {"Aliases": list(aliases)}}

    def _host_config(self) -> dict[str, Any]:
        bindings: dict[str, list[dict[str, str]]] = {}
        for port in self.ports:
            host_port = str(port.host_port) if port.host_port else ""
            binding = {"HostIp": port.host_ip, "HostPort": host_port}
            bindings.setdefault(port.key, []).append(binding)
        private = {**self.labels, LABEL_PRIVATE: self.name}
        return {
            "CapDrop": ["ALL"],
            "CapAdd": sorted(self.cap_add),
            "SecurityOpt": ["no-new-privileges:true"],
            "ReadonlyRootfs": self.read_only,
            "RestartPolicy": {"Name": "unless-stopped"},
            "Init": self.init,
            "Mounts": [mount.to_engine(private) for mount in self.all_mounts()],
            "Tmpfs": self.all_tmpfs(),
            "PortBindings": bindings,
            "NetworkMode": self.network or "none",
            "LogConfig": {
                "Type": "json-file",
                "Config": {"max-size": "10m", "max-file": "3"},
            },
            **self.limits.to_engine(),
        }
