"""The one place where errors of the Docker SDK and of the network become ours."""

import contextlib
import re
import ssl
from collections.abc import Iterator

import requests.exceptions
import urllib3.exceptions
from docker import errors as docker_errors

from ..errors import (
    ClouderError,
    EngineBusy,
    EngineMissing,
    EngineRefused,
    EngineUnreachable,
    PortTaken,
)
from ..secrets import masked

FOREIGN = (
    docker_errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
)
_PORT = re.compile(r"(?:for|listen \w+) (?:[0-9.]+|\[?[0-9a-fA-F:]+\]?):(\d{1,5})\b")
_TAKEN = ("port is already allocated", "address already in use")
_BUSY = (
    "context deadline exceeded",
    "too many requests",
    "temporarily unavailable",
    "shutting down",
    "already in progress",
    "i/o timeout",
    "resource is still in use",
)
_BUSY_STATUS = (408, 429, 502, 503, 504)


@contextlib.contextmanager
def engine_errors(action: str, place: str) -> Iterator[None]:
    """Turn every foreign error inside the block into one of ours.

    :param action: what is being done, as words that follow "cannot": "start x"
    :param place: the engine's address
    """
    try:
        yield
    except ClouderError:
        raise
    except FOREIGN as error:
        # The foreign error may hold secrets in clear: it must not reach a traceback.
        raise translated(error, action, place) from None


def translated(error: BaseException, action: str, place: str) -> ClouderError:
    """Return our error for a foreign one."""
    for cause in _chain(error):
        if isinstance(cause, docker_errors.APIError):
            status = cause.status_code or 500
            return from_status(status, _words(cause), action, place)
        if isinstance(cause, ssl.SSLError):
            return EngineRefused(
                f"Cannot {action}: the engine at {place} and Clouder do not accept "
                f"each other's certificates ({_words(cause)}).",
                "Check the CA, certificate and key of the node.",
            )
    return _unreachable(error, action, place)


def from_status(status: int, message: str, action: str, place: str) -> ClouderError:
    """Return our error for an answer of the engine that is not a success.

    :param status: the HTTP status
    :param message: the engine's own words
    """
    text = masked(message.strip())
    low = text.lower()
    said = f"Cannot {action} on the engine at {place}: {text or f'status {status}'}"
    if any(sign in low for sign in _TAKEN):
        return _port_taken(text, action, place)
    if status == 404:
        return EngineMissing(said)
    if status in _BUSY_STATUS or any(sign in low for sign in _BUSY):
        return EngineBusy(said, "It is tried again by itself.")
    return EngineRefused(said)


def _port_taken(text: str, action: str, place: str) -> PortTaken:
    found = _PORT.search(text)
    port = int(found.group(1)) if found else 0
    return PortTaken(
        f"Cannot {action}: host port {port or 'wanted'} is in use on {place}.",
        port,
        "Choose another host port, or stop what holds this one.",
        text,
    )


def _unreachable(error: BaseException, action: str, place: str) -> EngineUnreachable:
    reason, cure = "no answer", "Check that the engine runs and the node is reachable."
    for cause in _chain(error):
        if isinstance(cause, PermissionError):
            reason = "permission denied"
            cure = "Let the user of the Odoo process use the socket (group docker)."
        elif isinstance(cause, FileNotFoundError):
            reason = "the socket does not exist"
        elif isinstance(cause, ConnectionRefusedError):
            reason = "connection refused"
        elif isinstance(cause, TimeoutError | requests.exceptions.Timeout):
            reason = "no answer in time"
        elif isinstance(cause, ConnectionError):
            reason = "the connection broke"
        elif isinstance(cause, OSError) and cause.strerror:
            reason = masked(cause.strerror)
        else:
            continue
        if not isinstance(cause, requests.exceptions.RequestException):
            break
    return EngineUnreachable(
        f"Cannot {action}: the engine at {place} is not reachable ({reason}).", cure
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and all that stands behind it, each once."""
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        behind = [current.__cause__, current.__context__, *current.args]
        behind.append(getattr(current, "reason", None))
        waiting += [item for item in behind if isinstance(item, BaseException)]


def _words(error: BaseException) -> str:
    explanation = getattr(error, "explanation", None)
    if isinstance(explanation, bytes):
        explanation = explanation.decode("utf-8", "replace")
    return masked(str(explanation or error))
