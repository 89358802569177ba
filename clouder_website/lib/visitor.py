"""What a stranger's names and addresses are brought to."""

import ipaddress
import re
import unicodedata
import urllib.parse

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
# What programs that show mails make a link of; initials (J.R.R. Tolkien) are none.
LINKING = re.compile(r"[/\\:@]|[.\u3002](?=\w\w)")


def is_reserved(name: str) -> bool:
    """Tell whether no stranger may have ``name`` as a host name in a shared domain."""
    return name in RESERVED or bool(NUMBERED.fullmatch(name) or CODED.fullmatch(name))


def is_text(value: object) -> bool:
    """Tell whether ``value`` is text that a database can hold."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def links(name: str) -> bool:
    """Tell whether a person's ``name`` has something of an address in it."""
    return bool(LINKING.search(unicodedata.normalize("NFKC", name)))


def without_links(name: str) -> str:
    """Return a person's ``name`` without what would make a link of it."""
    return " ".join(LINKING.sub(" ", unicodedata.normalize("NFKC", name)).split())


def mailbox(email: str | None) -> str:
    """Return the address that stands for all that one person can make of his own.

    Mail to ``jane+shop@example.com`` arrives at ``jane@example.com``.
    """
    local, _at, domain = (email or "").strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}" if local else domain


def url_host(url: str | None) -> str:
    """Return the host name of an address, with or without its scheme; "" for none."""
    text = url or ""
    try:
        parsed = urllib.parse.urlsplit(text if "//" in text else f"//{text}")
    except ValueError:
        return ""
    return parsed.hostname or ""


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
