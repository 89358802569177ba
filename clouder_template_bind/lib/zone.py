"""What a zone holds from its beginning: its start of authority and its name servers."""

import hashlib
import re
from collections.abc import Iterable, Sequence

import dns.name
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rdtypes.ANY.SOA
import dns.zone

from .records import IN, RecordRefused, Records, check_host, parse, shown

CATALOG = "catalog.clouder.invalid"
REFRESH, RETRY, EXPIRE, NEGATIVE = 3600, 600, 1_209_600, 300
ZONE_FORM = '{ type primary; file "%s"; allow-update { key clouder-update; }; };'
"""What ``rndc addzone`` is told about a zone, with the path of its file."""
# Which zones there are is nobody's business but the followers'.
CATALOG_FORM = ZONE_FORM.removesuffix("};") + (
    "allow-query { key clouder-update; key clouder-transfer; }; };"
)
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,63}", re.ASCII)


def mailbox(address: str) -> dns.name.Name:
    """Return an e-mail address as a zone names its hostmaster.

    :raise RecordRefused: it is no address that a name can hold
    """
    local, _, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local):
        raise RecordRefused(f"{shown(address)} is not an e-mail address.")
    return dns.name.Name(
        [local.encode(), *dns.name.from_text(check_host(domain.lower())).labels]
    )


def zone_text(
    name: str, servers: Sequence[str], hostmaster: str, records: Records,
    ttl: int, serial: int,
) -> bytes:  # fmt: skip
    """Return the file that a new zone is loaded from; the server keeps it from then on.

    :param servers: host names, the primary one first
    :param records: what is in it from the beginning, the servers' own ones included
    """
    origin = dns.name.from_text(check_host(name))
    zone = dns.zone.Zone(origin, relativize=False)
    soa = dns.rdtypes.ANY.SOA.SOA(  # type: ignore[no-untyped-call]
        IN, dns.rdatatype.SOA, dns.name.from_text(servers[0]), mailbox(hostmaster),
        serial, REFRESH, RETRY, EXPIRE, NEGATIVE,
    )  # fmt: skip
    zone.replace_rdataset(origin, dns.rdataset.from_rdata(ttl, soa))
    for (owner, kind), values in records.items():
        rdataset = dns.rdataset.from_text_list(IN, kind, ttl, list(values))
        zone.replace_rdataset(dns.name.from_text(owner), rdataset)
    return zone.to_text(relativize=False, want_comments=False).encode()


def own_records(
    name: str, servers: Iterable[str], addresses: Iterable[tuple[str, str, str]]
) -> Records:
    """Return the records of the zone itself: its name servers and their addresses.

    :param servers: host names
    :param addresses: (host name, A or AAAA, address) for those inside of the zone
    """
    found: dict[tuple[str, str], set[str]] = {
        (name, "NS"): {f"{check_host(server)}." for server in servers}
    }
    for host, kind, address in addresses:
        value = parse(kind, address).to_text()
        check_host(host.removeprefix("*."))
        found.setdefault((host, kind), set()).add(value)
    return {key: tuple(sorted(values)) for key, values in found.items()}


def catalog_label(zone: str) -> str:
    """Return the name under which the catalog lists ``zone``."""
    digest = dns.name.from_text(check_host(zone)).to_wire()
    return f"{_sha1(digest)}.zones.{CATALOG}"


def _sha1(data: bytes | None) -> str:
    return hashlib.sha1(data or b"", usedforsecurity=False).hexdigest()


def catalog_records() -> Records:
    """Return what a catalog of zones holds from its beginning (RFC 9432)."""
    return {(CATALOG, "NS"): ("invalid.",), (f"version.{CATALOG}", "TXT"): ('"2"',)}
