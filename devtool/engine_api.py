"""The few calls of the Docker Engine API that setting up needs, without Docker's SDK."""

import http.client
import json
import socket
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .console import Stop


class EngineError(Exception):
    """The engine did not answer, or answered with an error."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Engine:
    """A Docker Engine at a `unix://` or `tcp://` address."""

    def __init__(self, url: str):
        """Remember the address; nothing is sent yet.

        :raise Stop: the address is of another kind
        """
        self.url = url
        self._parts = urllib.parse.urlsplit(url)
        if self._parts.scheme not in ("unix", "tcp"):
            raise Stop(f"DOCKER_HOST={url}: ./dev speaks unix:// and tcp:// only.")

    @property
    def socket_path(self) -> Path | None:
        """The socket's file, or None for an engine over TCP."""
        return Path(self._parts.path) if self._parts.scheme == "unix" else None

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if self.socket_path:
            return _UnixConnection(str(self.socket_path), timeout)
        host, port = self._parts.hostname or "localhost", self._parts.port or 2375
        return http.client.HTTPConnection(host, port, timeout=timeout)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: BinaryIO | None = None,
        timeout: float = 20,
    ) -> http.client.HTTPResponse:
        """Send one request and return the response, whose body is not read yet.

        :raise EngineError: no answer within `timeout` seconds, or a status of 400 up
        """
        words = f"?{urllib.parse.urlencode(query)}" if query else ""
        connection = self._connect(timeout)
        try:
            connection.request(method, f"{path}{words}", body=body)
            response = connection.getresponse()
            if response.status >= 400:
                raise EngineError(response.read().decode(errors="replace").strip())
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(f"{type(error).__name__}: {error}") from error
        return response

    def json(self, path: str, **query: str) -> Any:
        """Return the decoded answer of a GET.

        :raise EngineError: as `call`
        """
        return json.loads(self.call("GET", path, query=query or None).read())

    def events(self, response: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
        """Yield the JSON lines of a long answer.

        :raise EngineError: a line reports an error, or the engine fell silent
        """
        try:
            for line in response:
                event = json.loads(line)
                if "error" in event:
                    raise EngineError(event["error"])
                yield event
        except OSError as error:
            raise EngineError(f"{type(error).__name__}: {error}") from error

    def has_image(self, name: str) -> bool:
        """Return whether the engine has an image of this name."""
        try:
            self.call("GET", f"/images/{urllib.parse.quote(name)}/json")
        except EngineError as error:
            if "no such image" in str(error).lower():
                return False
            raise
        return True
