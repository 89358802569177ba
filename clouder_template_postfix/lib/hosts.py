"""What may stand in Postfix's files as a host, a domain or a password."""

import ipaddress
import re

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{LABEL}(?:\.{LABEL})+", re.ASCII)
_PRINTED = re.compile(r"[!-~]+", re.ASCII)
_MECHANISMS = re.compile(r"[A-Za-z0-9:._/+~?-]+(?: [A-Za-z0-9:._/+~?-]+)*", re.ASCII)
SMTP = 25


class ValueRefused(ValueError):
    """A value that must not reach a configuration file, a table or a record."""


def check_domain(name: str) -> str:
    """Return ``name`` if it can be a mail domain: lower case, two labels at least.

    :raise ValueRefused: it cannot
    """
    if len(name) > 253 or not _DOMAIN.fullmatch(name):
        raise ValueRefused(f"{name[:80]!a} is not a mail domain.")
    return name


def relay(address: str) -> tuple[str, int]:
    """Return host and port of a relay written as ``host`` or ``host:port``.

    :raise ValueRefused: it is neither
    """
    host, _colon, port = address.partition(":")
    number = int(port) if port.isascii() and port.isdigit() else 0
    if not _colon:
        number = SMTP
    if not 0 < number < 65536 or not (_DOMAIN.fullmatch(host) or _is_address(host)):
        raise ValueRefused(f"{address[:80]!a} is not a relay: write host or host:port.")
    return host, number


def _is_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 4
    except ValueError:
        return False


def relay_password(user: str, password: str) -> str:
    """Return what the password table of Postfix says about a relay.

    :raise ValueRefused: a sign of the two has a meaning there
    """
    if not _PRINTED.fullmatch(user) or ":" in user:
        raise ValueRefused("The user of the relay has a space, a colon or an odd sign.")
    if not _PRINTED.fullmatch(password):
        raise ValueRefused("The password of the relay has a space or an odd sign.")
    return f"{user}:{password}"


def check_mechanisms(text: str) -> str:
    """Return ``text`` if it can be a list of SPF mechanisms.

    :raise ValueRefused: it cannot
    """
    if len(text) > 400 or not _MECHANISMS.fullmatch(text):
        raise ValueRefused(
            f"{text[:80]!a} are no SPF mechanisms: write them like mx ip4:192.0.2.1 -all."
        )
    return text
