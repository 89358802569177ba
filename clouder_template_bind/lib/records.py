"""Records of a zone: whose name they may bear, and what they may say.

A value never becomes part of a file or a command: it is parsed into the very form that
goes over the wire, and what does not parse is refused.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.CAA
import dns.rdtypes.ANY.TXT
from dns.rdata import Rdata

IN = dns.rdataclass.IN
TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "SRV", "TXT")
TXT_LIMIT = 4000
VALUES_LIMIT = 100
SHOWN = 60
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
# Names that are no hosts (_dmarc, s1._domainkey, _sip._tcp) begin with an underscore.
_OWNER = re.compile(rf"(?:_?{_LABEL})(?:\._?{_LABEL})*", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9.:_ -]+", re.ASCII)
_TEXT = re.compile(r"[ -~]+", re.ASCII)
_CAA = re.compile(r'(\d{1,3}) +([a-z0-9]{1,15}) +(?:"([ !#-\[\]-~]*)"|([!#-\[\]-~]+))')

Key = tuple[str, str]
"""A name without its last dot, and a type."""
Records = dict[Key, tuple[str, ...]]
"""The values of each name and type, in presentation format, sorted."""


class RecordRefused(ValueError):
    """A name or value that must not enter a zone."""


def shown(text: object) -> str:
    """Return ``text`` quoted, short, with every unusual character visible."""
    return ascii(str(text)[:SHOWN])


def check_host(name: str) -> str:
    """Return ``name`` if it is a host name in small letters, without its last dot.

    :raise RecordRefused: it is none
    """
    if not isinstance(name, str) or len(name) > 253 or not _HOST.fullmatch(name):
        raise RecordRefused(f"{shown(name)} is not a host name.")
    return name


def full_name(name: str, host: str) -> str:
    """Return the whole name, without its last dot, of what belongs to ``host``.

    :param name: relative to ``host`` ("" is ``host`` itself), or whole with a last dot
    :raise RecordRefused: it is no name, or lies outside of ``host``
    """
    if not isinstance(name, str):
        raise RecordRefused(f"{shown(name)} is not a name.")
    whole = name[:-1] if name.endswith(".") else f"{name}.{host}" if name else host
    whole = whole.lower()
    if len(whole) > 253 or not _OWNER.fullmatch(whole):
        raise RecordRefused(f"{shown(name)} is not a name in {host}.")
    if not is_within(whole, host):
        raise RecordRefused(f"The name {whole} lies outside of {host}.")
    return whole


def is_within(name: str, host: str) -> bool:
    """Tell whether ``name`` is ``host`` or a name below it."""
    return name == host or name.endswith(f".{host}")


def parse(kind: str, value: str) -> Rdata:
    """Return ``value`` as it goes over the wire.

    :param kind: one of :data:`TYPES`
    :param value: in presentation format; a TXT without quotes, however long
    :raise RecordRefused: another type, or a value that is not one of this type
    """
    if kind not in TYPES:
        raise RecordRefused(f"Records of type {shown(kind)} are not published.")
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        raise RecordRefused(f"{shown(value)} cannot be the value of a {kind} record.")
    if kind == "TXT":
        return _txt(value)
    if kind == "CAA":
        return _caa(value)
    return _plain(kind, value)


def _txt(value: str) -> Rdata:
    data = value.encode("ascii")
    if len(data) > TXT_LIMIT:
        raise RecordRefused(f"A text of {len(data)} bytes is too long for DNS.")
    parts = [data[start : start + 255] for start in range(0, len(data), 255)]
    return dns.rdtypes.ANY.TXT.TXT(IN, dns.rdatatype.TXT, parts)


def _caa(value: str) -> Rdata:
    found = _CAA.fullmatch(value)
    if not found or int(found[1]) > 255:
        raise RecordRefused(f"{shown(value)} cannot be the value of a CAA record.")
    text = found[3] if found[3] is not None else found[4]
    return dns.rdtypes.ANY.CAA.CAA(  # type: ignore[no-untyped-call]
        IN, dns.rdatatype.CAA, int(found[1]), found[2].encode(), text.encode()
    )


def _plain(kind: str, value: str) -> Rdata:
    refused = RecordRefused(f"{shown(value)} cannot be the value of a {kind} record.")
    if not _PLAIN.fullmatch(value):
        raise refused
    try:
        rdata = dns.rdata.from_text(
            IN, kind, value.lower(), origin=dns.name.root, relativize=False
        )
    except (dns.exception.DNSException, ValueError) as error:
        raise refused from error
    target = getattr(rdata, "exchange", getattr(rdata, "target", None))
    if kind in ("A", "AAAA"):
        address = ipaddress.ip_address(rdata.to_text())
        if address.is_unspecified or address.is_multicast:
            raise refused
    elif (target != dns.name.root or kind == "CNAME") and not _OWNER.fullmatch(
        str(target).removesuffix(".")
    ):
        raise refused
    return rdata


def collect(wanted: Iterable[Sequence[str]], host: str) -> Records:
    """Return the records that ``host`` asks for, checked, each once.

    :param wanted: (name, type, value), see :func:`full_name` and :func:`parse`
    :raise RecordRefused: one must not be published, or two contradict each other
    """
    found: dict[Key, set[str]] = {}
    for line in wanted:
        if len(line) != 3:
            raise RecordRefused(f"{shown(line)} is not a name, a type and a value.")
        name, kind, value = line
        rdata = parse(kind, value)
        found.setdefault((full_name(name, host), kind), set()).add(rdata.to_text())
    for (name, kind), values in found.items():
        others = [other for other in found if other[0] == name]
        if kind == "CNAME" and (len(others) > 1 or len(values) > 1):
            raise RecordRefused(
                f"{name} cannot be an alias and have other records too."
            )
        if len(values) > VALUES_LIMIT:
            raise RecordRefused(f"{name} has more than {VALUES_LIMIT} {kind} records.")
    return {key: tuple(sorted(values)) for key, values in sorted(found.items())}


def to_lines(records: Mapping[Key, Iterable[str]]) -> list[list[str]]:
    """Return ``records`` as lists that JSON can hold."""
    return [[name, kind, value] for (name, kind), vs in records.items() for value in vs]


def from_lines(lines: Iterable[Sequence[str]]) -> Records:
    """Return what :func:`to_lines` made lists of."""
    found: dict[Key, list[str]] = {}
    for name, kind, value in lines:
        found.setdefault((name, kind), []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def address_lines(name: str, addresses: Iterable[str]) -> list[list[str]]:
    """Return the A and AAAA records of ``name``."""
    return [
        [name, "AAAA" if ipaddress.ip_address(one).version == 6 else "A", one]
        for one in addresses
    ]
