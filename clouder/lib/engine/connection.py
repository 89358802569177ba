"""One kept-alive connection to an engine, over a unix socket or over TLS."""

import atexit
import os
import pathlib
import re
import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from docker import APIClient
from docker.tls import TLSConfig

from ..errors import EngineRefused
from .mapping import engine_errors

CONNECT_S = 5
READ_S = 120
FIRST_VERSION = "1.41"
"""Only for asking the engine which version it speaks."""
LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")
_TCP = re.compile(r"tcp://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})")
_UNIX = re.compile(r"unix://(/[^\x00]+)")


@dataclass(frozen=True)
class Tls:
    """What a TLS engine needs, each as PEM text."""

    ca: str = field(repr=False)
    cert: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True)
class Address:
    """Where an engine listens: a socket's path, or a host and port."""

    path: str = ""
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, url: str, secured: bool) -> "Address":
        """Return the address in ``url``.

        :param secured: whether TLS material is there
        :raise EngineRefused: the kind of address is not supported, or not safe
        """
        if found := _UNIX.fullmatch(url):
            return cls(path=found.group(1))
        if url.startswith("ssh://"):
            raise EngineRefused(
                f"Engines over SSH are not supported yet: {url!a}.",
                "Use unix:///path/to/docker.sock or tcp://host:2376 with TLS.",
            )
        found = _TCP.fullmatch(url)
        if not found or not 0 < int(found.group(2)) < 65536:
            raise EngineRefused(
                f"{url!a} is not the address of an engine.",
                "Write unix:///path/to/docker.sock or tcp://host:2376.",
            )
        host = found.group(1).strip("[]")
        if not secured and host not in LOCAL_HOSTS:
            raise EngineRefused(
                f"The engine at {url} would be open to everybody without TLS.",
                "Give the node a CA, a certificate and a key.",
            )
        return cls(host=host, port=int(found.group(2)))


class _Client(APIClient):
    """The SDK's client, with a short time to connect and a long one to read."""

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        kwargs["timeout"] = (CONNECT_S, kwargs.get("timeout", self.timeout))
        return kwargs


class _PemFiles:
    """The TLS material as files that only this process's user can read."""

    def __init__(self, tls: Tls) -> None:
        self._pid = os.getpid()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="clouder-tls-"))
        self.ca = self._write("ca.pem", tls.ca)
        self.cert = self._write("cert.pem", tls.cert)
        self.key = self._write("key.pem", tls.key)
        atexit.register(self.remove)

    def _write(self, name: str, text: str) -> str:
        path = self.folder / name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600), "w") as stream:
            stream.write(text)
        return str(path)

    def remove(self) -> None:
        """Remove the files; a forked process leaves them to its parent."""
        if os.getpid() == self._pid:
            shutil.rmtree(self.folder, ignore_errors=True)
            atexit.unregister(self.remove)


class Session:
    """The connection that all operations of an engine share; threads may share it.

    :param url: ``unix:///path`` or ``tcp://host:port``
    :param tls: PEM material, needed for any host but the own one
    :param timeout: seconds to wait for an answer of an ordinary call
    :raise EngineRefused: the address is not supported or not safe
    """

    def __init__(
        self, url: str, tls: Tls | None = None, timeout: float = READ_S
    ) -> None:
        self.url = url
        self.address = Address.parse(url, tls is not None)
        self.timeout = timeout
        self._tls = tls
        self._pem: _PemFiles | None = None
        self._client: _Client | None = None
        self._lock = threading.Lock()

    def errors(self, action: str) -> AbstractContextManager[None]:
        """Return a context in which foreign errors become ours."""
        return engine_errors(action, self.url)

    @property
    def api(self) -> APIClient:
        """Return the SDK's low-level client, made at the first call.

        :raise EngineUnreachable: nobody answers
        """
        with self._lock:
            if self._client is None:
                with self.errors("connect"):
                    self._client = self._connect()
            return self._client

    def close(self) -> None:
        """Close the connection and remove the files of its TLS material."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            if self._pem is not None:
                self._pem.remove()
            self._client = self._pem = None

    def _files(self) -> _PemFiles | None:
        if self._tls is not None and self._pem is None:
            self._pem = _PemFiles(self._tls)
        return self._pem

    def _connect(self) -> _Client:
        pem = self._files()
        secured = (
            TLSConfig(client_cert=(pem.cert, pem.key), ca_cert=pem.ca, verify=True)
            if pem
            else False
        )

        def client(version: str) -> _Client:
            made = _Client(
                base_url=self.url,
                version=version,
                timeout=int(self.timeout),
                tls=secured,
            )
            # Proxies and certificates of the environment are not meant for engines.
            made.trust_env = False
            return made

        first = client(FIRST_VERSION)
        try:
            version = str(first.version(api_version=False)["ApiVersion"])
        finally:
            first.close()
        return client(version)

    def create_raw(self, config: Mapping[str, Any], name: str | None = None) -> str:
        """Create a container from the engine's own form, and return its id."""
        api: Any = self.api
        return str(api.create_container_from_config(dict(config), name)["Id"])

    def open_socket(self) -> tuple[socket.socket, ssl.SSLContext | None]:
        """Open a connection of its own for a call that takes it over.

        :return: the socket, and the TLS context to speak through when there is one
        :raise EngineUnreachable: nobody answers
        """
        with self.errors("connect"):
            if self.address.path:
                sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                sock.settimeout(CONNECT_S)
                try:
                    sock.connect(self.address.path)
                except OSError:
                    sock.close()
                    raise
            else:
                where = (self.address.host, self.address.port)
                sock = socket.create_connection(where, timeout=CONNECT_S)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock, self._context()

    def _context(self) -> ssl.SSLContext | None:
        with self._lock:
            pem = self._files()
        if pem is None:
            return None
        context = ssl.create_default_context(cafile=pem.ca)
        context.load_cert_chain(pem.cert, pem.key)
        return context
