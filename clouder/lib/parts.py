"""The parts of a container's wanted state, each checked when it is written down."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .dockerfile import check_path
from .errors import SpecRefused

NANO = 1_000_000_000
MIB = 1024 * 1024
VOLUME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_IP = r"[0-9a-fA-F.:]*"


def match(pattern: str, value: str, what: str, limit: int = 255) -> str:
    """Return ``value`` if ``pattern`` fits it whole.

    :raise SpecRefused: it does not; ``what`` says what it should have been
    """
    known = isinstance(value, str) and len(value) <= limit
    if not known or not re.fullmatch(pattern, value, re.ASCII):
        raise SpecRefused(f"{str(value)[:60]!a} cannot be {what}.")
    return value


def within(value: int | float, low: float, high: float, what: str) -> None:
    """Check that ``value`` is a number from ``low`` to ``high``.

    :raise SpecRefused: it is not; ``what`` says what it should have been
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecRefused(f"{str(value)[:60]!a} cannot be {what}.")
    if not low <= value <= high:
        raise SpecRefused(f"{value} cannot be {what}.", f"Give {low:g} to {high:g}.")


def words(argv: Iterable[str], what: str) -> tuple[str, ...]:
    """Return ``argv`` as a tuple if it is a list of plain words.

    :raise SpecRefused: it is a text or holds something that is no word
    """
    if isinstance(argv, str):
        raise SpecRefused(f"{what} is a text.", "Give a list of words.")
    given = tuple(argv)
    for word in given:
        if not isinstance(word, str) or "\x00" in word:
            raise SpecRefused(f"{str(word)[:60]!a} cannot be a word of {what}.")
    return given


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
            match(VOLUME, self.volume, "the name of a volume")
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
        within(self.container_port, 1, 65535, "a port")
        within(self.host_port, 0, 65535, "a host port")
        match("tcp|udp", self.protocol, "a protocol")
        match(_IP, self.host_ip, "an IP address")

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
        object.__setattr__(self, "argv", words(self.argv, "a health check"))
        within(self.interval_s, 0.001, 86400, "an interval")
        within(self.timeout_s, 0.001, 86400, "a timeout")
        within(self.retries, 1, 1000, "a number of retries")

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
        within(self.memory_mb, 0, 2**30, "a memory limit in MB")
        within(self.cpus, 0, 4096, "a number of processors")
        within(self.pids, 1, 2**22, "a number of processes")

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
        within(self.mode, 0, 0o7777, "a file mode")
        within(self.uid, 0, 2**31, "a user id")
        within(self.gid, 0, 2**31, "a group id")
