"""Tell somebody else's web server that something happened, without being misled by it.

Messages are signed as the specification *Standard Webhooks* says, so that receivers can
check them with its libraries: HMAC-SHA256 over identity, time and body.

Who may choose an address must not reach with it what only Clouder's own machine can
reach. The name is resolved once, its addresses are judged, and the connection goes to
the very address that was judged: what DNS answers later does not matter. Redirects are
not followed, proxies of the environment are not used, and the answer's body is not read.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_match_hostname import CertificateError

from .errors import ClouderError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SECRET_PREFIX = "whsec_"  # noqa: S105 the form of secrets, not one of them
SECRET_BYTES = 32
UNTRUSTED = (ssl.SSLError, ssl.CertificateError, CertificateError)
CONNECT_S = 5
WHOLE_S = 20
AGENT = "Clouder"
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_INNER: tuple[Network, ...] = (
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
)
"""What the standard library counts as public, wholly or in some of its releases."""
_PRINTABLE = re.compile(r"[!-~]{1,2000}", re.ASCII)


class WebhookRefused(ClouderError, ValueError):
    """An address that is not called."""


class WebhookFailed(ClouderError):
    """A receiver that did not answer."""

    transient = True


@dataclass(frozen=True)
class Target:
    """Where a message goes."""

    secure: bool
    host: str
    port: int
    path: str


def new_secret() -> str:
    """Return a new secret for signatures."""
    key = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return f"{SECRET_PREFIX}{key}"


def signature(secret: str, identity: str, timestamp: int, body: bytes) -> str:
    """Return the header ``webhook-signature`` of a message.

    :raise WebhookRefused: the secret is none
    """
    key = _key(secret)
    signed = f"{identity}.{timestamp}.".encode() + body
    digest = hmac.digest(key, signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    """Return the key that ``secret`` stands for: ``whsec_`` and base64, or itself."""
    key = secret.encode()
    if secret.startswith(SECRET_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error as error:
            raise WebhookRefused("The secret of the webhook is damaged.") from error
    if len(key) < SECRET_BYTES // 2:
        raise WebhookRefused("The secret of the webhook is too short.")
    return key


def headers(secret: str, identity: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a message: who it is, when it was sent, and the signature."""
    return {
        "content-type": "application/json",
        "user-agent": AGENT,
        "webhook-id": identity,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, identity, timestamp, body),
    }


def parse_networks(text: str) -> list[Network]:
    """Return the networks that ``text`` lists, separated by commas or blanks.

    :raise WebhookRefused: a part is no network
    """
    try:
        return [
            ipaddress.ip_network(part) for part in re.split(r"[\s,]+", text) if part
        ]
    except ValueError as error:
        raise WebhookRefused(
            f"{text[:80]!a} is no list of networks: {error}.",
            "Write them like 10.1.0.0/16, separated by commas.",
        ) from error


def parse_url(url: str, plain: bool = False) -> Target:
    """Return the :class:`Target` that ``url`` means.

    :param plain: take ``http`` besides ``https``
    :raise WebhookRefused: it is no address that a message can be sent to
    """
    shown = ascii(url[:80])
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookRefused(f"{shown} is no address: {error}.") from error
    if not _PRINTABLE.fullmatch(url) or not parts.hostname or port == 0:
        raise WebhookRefused(f"{shown} is no address of a web server.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise WebhookRefused(
            f"{shown} holds a login or a #.", "Leave that out: messages are signed."
        )
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        raise WebhookRefused(f"{shown} does not begin with https://.")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, parts.hostname, port or (443 if secure else 80), path)


def inner_address(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or ``address`` itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: Address) -> bool:
    """Tell whether ``address`` belongs to the whole internet.

    Private, loopback, link-local, multicast, reserved and tunnelled ones do not.
    """
    inner = inner_address(address)
    if any(inner in network for network in _INNER):
        return False
    if isinstance(inner, ipaddress.IPv6Address) and (
        inner.teredo or inner.is_site_local
    ):
        return False
    return inner.is_global and not (
        inner.is_multicast or inner.is_reserved or inner.is_unspecified
    )


def check_address(text: str, allowed: Iterable[Network] = ()) -> str:
    """Return the address ``text`` if a message may go there.

    :param allowed: networks whose addresses are taken though they are not public
    :raise WebhookRefused: it may not
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = inner_address(address)
    if is_public(address) or any(inner in network for network in allowed):
        return str(address)
    raise WebhookRefused(
        f"{text} is an address of an inner network: nothing is sent there.",
        "An administrator can allow it in the settings.",
    )


def addresses(host: str, port: int, allowed: Sequence[Network] = ()) -> list[str]:
    """Return the addresses of ``host``; a single one that is refused refuses them all.

    :raise WebhookRefused: one of them may not be called
    :raise WebhookFailed: the name has none
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookFailed(f"{host[:80]!a} has no address: {error}.") from error
    unique = dict.fromkeys(str(info[4][0]) for info in found)
    return [check_address(text, allowed) for text in unique]


def post(
    url: str,
    body: bytes,
    sent: dict[str, str],
    allowed: Sequence[Network] = (),
    context: ssl.SSLContext | None = None,
    deadline_s: float = WHOLE_S,
) -> int:
    """Send ``body`` to ``url`` and return the status of the answer.

    :param sent: the headers, see :func:`headers`
    :param allowed: networks that may be called besides public addresses; into them, but
        nowhere else, plain ``http`` goes, too
    :param context: whom to trust; the system's authorities when missing
    :param deadline_s: seconds for all of it
    :raise WebhookRefused: the address is not called
    :raise WebhookFailed: no answer
    """
    target = parse_url(url, plain=bool(allowed))
    inner = [] if target.secure else list(allowed)
    error: WebhookFailed | None = None
    for address in addresses(target.host, target.port, allowed):
        if inner and not any(ipaddress.ip_address(address) in one for one in inner):
            raise WebhookRefused(f"{address} is only sent to over https.")
        try:
            return _ask(
                _connection(target, address, context), target, body, sent, deadline_s
            )
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as cause:
            # Of several addresses, the one that answered has the most to say.
            if error is None or isinstance(cause, UNTRUSTED):
                error = WebhookFailed(
                    f"No answer from {target.host}: {_reason(cause)}."
                )
                error.__cause__ = cause
    raise error or WebhookFailed(f"{target.host} has no address.")


def _reason(cause: Exception) -> str:
    """Return what went wrong in a few words that tell nothing of the inner network."""
    if isinstance(cause, UNTRUSTED):
        return "its certificate is not trusted, or it speaks no TLS"
    return type(cause).__name__


def _connection(
    target: Target, address: str, context: ssl.SSLContext | None
) -> HTTPConnection:
    """Return a connection to ``address``, where the host of ``target`` is asked for."""
    if not target.secure:
        return HTTPConnection(address, target.port, timeout=CONNECT_S)
    return HTTPSConnection(
        address,
        target.port,
        timeout=CONNECT_S,
        ssl_context=context or ssl.create_default_context(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


def _ask(
    connection: HTTPConnection,
    target: Target,
    body: bytes,
    sent: dict[str, str],
    deadline_s: float,
) -> int:
    usual = target.port == (443 if target.secure else 80)
    host = f"[{target.host}]" if ":" in target.host else target.host
    named = {"host": host if usual else f"{host}:{target.port}", "connection": "close"}
    with _ending(connection, deadline_s):
        connection.request(
            "POST", target.path, body, {**sent, **named}, preload_content=False
        )
        return connection.getresponse().status


@contextlib.contextmanager
def _ending(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Cut ``connection`` after ``seconds``: a receiver that drips cannot hold a worker.

    :raise TimeoutError: that was needed
    """
    late = threading.Event()

    def cut() -> None:
        late.set()
        if sock := connection.sock:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()
    if late.is_set():
        raise TimeoutError
