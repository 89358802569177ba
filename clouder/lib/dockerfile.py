"""Write a Dockerfile from its parts; no part can add an instruction by accident."""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping

from .errors import SpecRefused

_HOST = r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?"
_PATH = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
IMAGE_REFERENCE = (
    rf"(?:{_HOST}/)?{_PATH}(?:/{_PATH})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
_LABEL_KEY = r"[a-zA-Z0-9][a-zA-Z0-9._/-]{0,127}"
_ABSOLUTE = r"(?:/[A-Za-z0-9 ._+@=,~%#-]+)+"
PATH_LIMIT = 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_reference(value: str) -> str:
    """Return ``value`` if it is an image reference or an image id.

    :raise SpecRefused: it is neither
    """
    known = isinstance(value, str) and len(value) <= 512
    if known and re.fullmatch(
        rf"{IMAGE_REFERENCE}|sha256:[0-9a-f]{{64}}", value, re.ASCII
    ):
        return value
    shown = ascii(value[:60] if isinstance(value, str) else value)
    raise SpecRefused(
        f"{shown} is not an image reference.", "Write it like debian:bookworm-slim."
    )


def check_path(value: str) -> str:
    """Return ``value`` if it is an absolute path without tricks, other than ``/``.

    :raise SpecRefused: it is relative, not in its shortest form, or holds odd characters
    """
    if (
        isinstance(value, str)
        and len(value) <= PATH_LIMIT
        and re.fullmatch(_ABSOLUTE, value, re.ASCII)
        and posixpath.normpath(value) == value
    ):
        return value
    shown = ascii(value[:60] if isinstance(value, str) else value)
    raise SpecRefused(
        f"{shown} cannot be a path in a container.",
        "Write an absolute path of plain characters, without '..'.",
    )


def quote(value: str) -> str:
    """Return ``value`` as one quoted word of a Dockerfile, with nothing expanded.

    :raise SpecRefused: it holds a line break or another control character
    """
    if _CONTROL.search(value):
        raise SpecRefused(
            f"{value[:60]!a} cannot stand in a Dockerfile.",
            "Remove the line breaks and control characters.",
        )
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


def compose(
    from_ref: str,
    body: str,
    labels: Mapping[str, str] | None = None,
    ports: Iterable[tuple[int, str]] = (),
    volumes: Iterable[str] = (),
) -> str:
    """Return a whole Dockerfile.

    :param from_ref: the image to start from
    :param body: the instructions written by whoever may write images
    :param labels: label values may hold anything but control characters
    :param ports: container port and protocol (tcp or udp)
    :param volumes: absolute paths
    :raise SpecRefused: a part cannot stand where it should
    """
    lines = [f"FROM {check_reference(from_ref)}", *_body(body)]
    lines += [_label(key, value) for key, value in sorted((labels or {}).items())]
    lines += [_expose(port, protocol) for port, protocol in ports]
    paths = [check_path(path) for path in volumes]
    if paths:
        lines.append(f"VOLUME {json.dumps(paths)}")
    return "\n".join(lines) + "\n"


def _body(body: str) -> list[str]:
    """Return the instructions, refusing what would swallow the lines after them."""
    if "\x00" in body:
        raise SpecRefused("The Dockerfile holds a NUL character.", "Remove it.")
    text = body.replace("\r\n", "\n").strip()
    code = [line for line in text.split("\n") if not line.lstrip().startswith("#")]
    if code[-1:] and code[-1].rstrip().endswith("\\"):
        raise SpecRefused(
            "The last instruction of the Dockerfile ends with a backslash.",
            "Complete the instruction.",
        )
    return [text] if text else []


def _label(key: str, value: str) -> str:
    if not re.fullmatch(_LABEL_KEY, key, re.ASCII):
        raise SpecRefused(f"{key[:60]!a} cannot be the name of a label.")
    return f"LABEL {key}={quote(value)}"


def _expose(port: int, protocol: str) -> str:
    if protocol not in ("tcp", "udp") or not 0 < port < 65536:
        raise SpecRefused(f"{port}/{protocol} cannot be a port.")
    return f"EXPOSE {port}/{protocol}"
