"""What a stranger's names and addresses are brought to."""

import ipaddress
import re

# Names that belong to the domain itself, or that people take for its operator's.
RESERVED = frozenset(
    {
        "abuse",
        "admin",
        "administrator",
        "api",
        "autoconfig",
        "autodiscover",
        "billing",
        "ftp",
        "help",
        "hostmaster",
        "imap",
        "localhost",
        "login",
        "mail",
        "mta-sts",
        "noc",
        "pop",
        "postmaster",
        "root",
        "security",
        "sso",
        "status",
        "support",
        "webmail",
        "webmaster",
        "wpad",
        "www",
    }
)
NUMBERED = re.compile(r"(?:dns|mx|ns|smtp|www)[0-9]*")
# The form of international names: they can look like another name (RFC 5891).
CODED = re.compile(r"..--.*")
ORIGIN = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?", re.ASCII
)


def is_reserved(name: str) -> bool:
    """Tell whether no stranger may have ``name`` as a host name in a shared domain."""
    return name in RESERVED or bool(NUMBERED.fullmatch(name) or CODED.fullmatch(name))


def address_group(address: str | None) -> str:
    """Return what requests from ``address`` are counted under.

    :return: an IPv4 address as it is, the /64 network of an IPv6 one (one customer has
        that many), ``unknown`` for anything else
    """
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if parsed.version == 6 and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    if parsed.version == 6:
        return str(ipaddress.ip_network(f"{parsed}/64", strict=False))
    return str(parsed)


def split_origins(text: str | None) -> list[str]:
    """Return the origins of a text with blanks, commas or line breaks between them."""
    return [part for part in re.split(r"[\s,]+", text or "") if part]


def is_origin(text: str) -> bool:
    """Tell whether ``text`` is an origin, such as ``https://www.example.com``."""
    return bool(ORIGIN.fullmatch(text))
