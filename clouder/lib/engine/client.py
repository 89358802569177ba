"""The engine of one node."""

import os
import threading
from typing import Any, ClassVar

from .connection import Session, Tls
from .images import ImageOperations
from .once import OnceOperations
from .replace import ReplaceOperations


class Engine(ReplaceOperations, OnceOperations, ImageOperations, Session):
    """All that Clouder asks of one container engine.

    Every method is safe to repeat, raises only errors of :mod:`..errors`, and may be
    called by several threads. See :meth:`get` for the kept-alive one.
    """

    _kept: ClassVar[dict[tuple[int, str, Tls | None], "Engine"]] = {}
    _keeping: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def get(cls, url: str, tls: Tls | None = None) -> "Engine":
        """Return this process's kept-alive engine for an address.

        :raise EngineRefused: the address is not supported or not safe
        """
        # A forked process must not share the connections of its parent.
        place = (os.getpid(), url, tls)
        with cls._keeping:
            if place not in cls._kept:
                cls._kept[place] = cls(url, tls)
            return cls._kept[place]

    def ping(self) -> None:
        """Check that the engine answers.

        :raise EngineUnreachable: it does not
        """
        with self.errors("reach"):
            self.api.ping()

    def info(self) -> dict[str, Any]:
        """Return the engine's facts.

        :return: engine_version, api_version, cpus, memory (MB), system, name,
            containers (running)
        """
        with self.errors("ask"):
            found = self.api.info()
        return {
            "engine_version": found["ServerVersion"],
            "api_version": self.api.api_version,
            "cpus": int(found["NCPU"]),
            "memory": int(found["MemTotal"]) // (1024 * 1024),
            "system": found["OperatingSystem"],
            "name": found["Name"],
            "containers": int(found["ContainersRunning"]),
        }
