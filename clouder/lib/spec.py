"""The wanted state of one container, checked when it is written down.

A spec can only say what is allowed: no host path can be mounted, nothing is
privileged, and every capability that is not named is dropped. Amend a spec with
:func:`dataclasses.replace`.
"""

import hashlib
import hmac
import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .dockerfile import check_path, check_reference
from .errors import SpecRefused
from .labels import LABEL_PRIVATE
from .parts import VOLUME, File, Health, Limits, Mount, Port, match, within, words

__all__ = ["ContainerSpec", "File", "Health", "Limits", "Mount", "Port"]

DIGEST_FORM = 1
"""Raised when the meaning of a spec changes while its engine form does not."""

_CONTAINER = r"[a-z0-9]+(?:[.-][a-z0-9]+)*"
_ENV_KEY = r"[A-Za-z_][A-Za-z0-9_]*"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_-]*(?::[A-Za-z0-9_][A-Za-z0-9_-]*)?"
_OPTIONS = r"[a-z0-9=,._-]*"
_TMPFS = {
    "/tmp": "rw,nosuid,nodev,size=256m,mode=1777",  # noqa: S108  # in a container
    "/run": "rw,nosuid,nodev,noexec,size=64m,mode=1777",
}


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
        match(_CONTAINER, self.name, "the name of a container", 80)
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
            object.__setattr__(self, name, words(getattr(self, name), f"the {name}"))
        for name in ("env", "labels", "tmpfs"):
            object.__setattr__(self, name, dict(getattr(self, name)))

    def _check_process(self) -> None:
        for key, value in self.env.items():
            match(_ENV_KEY, key, "the name of an environment variable")
            if not isinstance(value, str) or "\x00" in value:
                raise SpecRefused(
                    f"The environment variable {key} is not a plain text."
                )
        if self.user:
            match(_USER, self.user, "a user")
        if self.workdir:
            check_path(self.workdir)
        if self.stop_signal:
            match(r"SIG[A-Z0-9+-]+", self.stop_signal, "a signal")
        for capability in self.cap_add:
            match(r"[A-Z_]+", capability, "a capability")
        within(self.stop_timeout, 0, 3600, "a number of seconds to stop")

    def _check_network(self) -> None:
        for name in (*self.aliases, self.hostname or self.name):
            match(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", name, "a host name")
        if self.network:
            match(VOLUME, self.network, "the name of a network")
        elif self.ports:
            raise SpecRefused(
                f"{self.name} publishes ports but has no network.", "Give it a network."
            )

    def _check_places(self) -> None:
        for path, options in self.tmpfs.items():
            check_path(path)
            match(_OPTIONS, options, f"the options of {path}")
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
