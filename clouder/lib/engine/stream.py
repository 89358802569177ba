"""A call whose connection becomes a stream in both directions (exec, attach).

The SDK reaches such streams through private attributes of its HTTP library, loses
bytes that arrive with the headers, and cannot close one direction only. So these
calls, and only these, speak HTTP themselves.
"""

import contextlib
import json
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..errors import ConditionTimeout, EngineUnreachable
from ..secrets import masked
from ..wait import Cancelled, check_cancelled
from .connection import CONNECT_S, READ_S, Session
from .mapping import from_status

CHUNK = 64 * 1024
TURN_S = 0.5
HEAD_LIMIT = 64 * 1024
STDOUT, STDERR = 1, 2

OnFrame = Callable[[int, bytes], None]


class _Codec(Protocol):
    """What stands between our bytes and the bytes on the wire."""

    ended: bool
    """Whether the other side has said that nothing more comes."""

    def encode(self, data: bytes) -> bytes: ...
    def decode(self, data: bytes) -> bytes: ...
    def finish(self, sock: socket.socket) -> bytes: ...


class _Plain:
    """Bytes as they are; the end is told by closing one direction of the socket."""

    ended = False

    def encode(self, data: bytes) -> bytes:
        return data

    def decode(self, data: bytes) -> bytes:
        return data

    def finish(self, sock: socket.socket) -> bytes:
        sock.shutdown(socket.SHUT_WR)
        return b""


class _Secured:
    """TLS without a socket of its own; the end is told by its close message."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, host: str) -> None:
        self.ended = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=host
        )
        sock.settimeout(CONNECT_S)
        while not self._shaken(sock):
            data = sock.recv(CHUNK)
            if not data:
                raise ConnectionResetError("closed while TLS was set up")
            self._incoming.write(data)
        sock.sendall(self._outgoing.read())

    def _shaken(self, sock: socket.socket) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            sock.sendall(self._outgoing.read())
            return False
        return True

    def encode(self, data: bytes) -> bytes:
        if data:
            self._tls.write(data)
        return self._outgoing.read()

    def decode(self, data: bytes) -> bytes:
        self._incoming.write(data)
        parts = []
        with contextlib.suppress(ssl.SSLWantReadError):
            while not self.ended:
                parts.append(self._read())
                self.ended = not parts[-1]
        return b"".join(parts)

    def _read(self) -> bytes:
        """Return what has come, or nothing when the other side has said its end."""
        try:
            return self._tls.read(CHUNK)
        except ssl.SSLZeroReturnError:
            return b""  # It says so in this way when we have said ours before.

    def finish(self, sock: socket.socket) -> bytes:
        # The other side's close message comes only at the end of its output.
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        return self._outgoing.read()


class Stream:
    """One taken-over connection.

    :param session: the engine's connection
    :param path: the call, such as ``/exec/<id>/start``
    :param body: its JSON body
    :param action: what is done, for messages
    :raise EngineError: the engine does not answer or refuses
    """

    def __init__(
        self, session: Session, path: str, body: Mapping[str, Any], action: str
    ) -> None:
        self._action, self._session = action, session
        self._received = b""
        self._sock, context = session.open_socket()
        try:
            with session.errors(action):
                host = session.address.host
                self._codec: _Codec = (
                    _Secured(self._sock, context, host) if context else _Plain()
                )
                self._request(path, json.dumps(body).encode())
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what runs behind it goes on by itself."""
        self._sock.close()

    def _request(self, path: str, body: bytes) -> None:
        head = (
            f"POST /v{self._session.api.api_version}{path} HTTP/1.1\r\n"
            "Host: engine\r\nContent-Type: application/json\r\n"
            "Connection: Upgrade\r\nUpgrade: tcp\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._sock.settimeout(READ_S)
        self._sock.sendall(self._codec.encode(head.encode("ascii") + body))
        while b"\r\n\r\n" not in self._received:
            if len(self._received) > HEAD_LIMIT or not self._receive():
                raise ConnectionResetError("no answer")
        answer, _gap, self._received = self._received.partition(b"\r\n\r\n")
        status = int(answer.split(None, 2)[1])
        if status not in (101, 200):
            raise from_status(
                status, self._message(answer), self._action, self._session.url
            )

    def _receive(self) -> bool:
        data = self._sock.recv(CHUNK)
        self._received += self._codec.decode(data) if data else b""
        return bool(data)

    def _message(self, head: bytes) -> str:
        """Return the engine's words from the body of an answer that is an error."""
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = min(int(line.partition(b":")[2]), HEAD_LIMIT)
        while len(self._received) < length and self._receive():
            pass
        try:
            return str(json.loads(self._received[:length])["message"])
        except (ValueError, KeyError, TypeError):
            return self._received.decode("utf-8", "replace")

    def pump(
        self,
        stdin: bytes | None,
        on_frame: OnFrame,
        timeout_s: float,
        cancelled: Cancelled | None = None,
    ) -> None:
        """Send ``stdin`` and hand out all output until the other side closes.

        :param stdin: sent whole, then its end is told; None sends nothing
        :param on_frame: called with 1 (stdout) or 2 (stderr) and bytes
        :raise ConditionTimeout: the other side did not close in time
        :raise EngineUnreachable: the connection broke
        """
        frames = _Frames(on_frame)
        end = time.monotonic() + timeout_s
        wire = memoryview(self._codec.encode(stdin or b""))
        finish = stdin is not None
        self._sock.setblocking(False)
        frames.feed(self._received)
        with (
            selectors.DefaultSelector() as selector,
            self._session.errors(self._action),
        ):
            selector.register(self._sock, selectors.EVENT_READ)
            while True:
                check_cancelled(cancelled)
                if finish and not wire:
                    wire, finish = memoryview(self._finish()), False
                reading = selectors.EVENT_READ
                events = reading | selectors.EVENT_WRITE if wire else reading
                selector.modify(self._sock, events)
                left = end - time.monotonic()
                if left <= 0:
                    raise ConditionTimeout(
                        f"to {self._action}", masked(frames.last), timeout_s
                    )
                for _key, ready in selector.select(min(left, TURN_S)):
                    if ready & selectors.EVENT_WRITE:
                        wire = self._send(wire)
                    if ready & reading and not self._hand_out(frames):
                        return

    def _finish(self) -> bytes:
        try:
            return self._codec.finish(self._sock)
        except OSError:
            return b""  # The other side has closed already.

    def _send(self, wire: memoryview) -> memoryview:
        """Send a part of ``wire`` and return the rest."""
        try:
            return wire[self._sock.send(wire[:CHUNK]) :]
        except (BrokenPipeError, ConnectionResetError):
            return wire[
                :0
            ]  # The command ended without reading all; its output follows.

    def _hand_out(self, frames: "_Frames") -> bool:
        data = self._sock.recv(CHUNK)
        if data:
            frames.feed(self._codec.decode(data))
        if data and not self._codec.ended:
            return True
        frames.end(self._action)
        return False


class _Frames:
    """Take the engine's frames apart: a kind, a length, then that many bytes."""

    def __init__(self, on_frame: OnFrame) -> None:
        self._on_frame = on_frame
        self._buffer = b""
        self.last = "no output"

    def feed(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 8:
            length = int.from_bytes(self._buffer[4:8], "big")
            if len(self._buffer) < 8 + length:
                return
            kind, payload = self._buffer[0], self._buffer[8 : 8 + length]
            self._buffer = self._buffer[8 + length :]
            if payload.strip():
                self.last = payload.decode("utf-8", "replace")[-1000:]
            self._on_frame(kind, payload)

    def end(self, action: str) -> None:
        """Check that the stream ended between two frames.

        :raise EngineUnreachable: it was cut
        """
        if self._buffer:
            raise EngineUnreachable(f"Cannot {action}: the connection broke.")
