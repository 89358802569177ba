"""Looks at DNS: where a name leads, and what is written there."""

import ipaddress
from collections.abc import Iterable

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from .errors import ClouderError

LOOK_S = 8
Server = tuple[str, int]


class LookupFailed(ClouderError):
    """DNS does not say what is needed.

    :param certain: it says something else; without, it was not possible to ask it
    """

    def __init__(self, message: str, cure: str = "", certain: bool = True) -> None:
        super().__init__(message, cure)
        self.certain = certain


def _resolver(server: Server | None) -> dns.resolver.Resolver:
    if server is None:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [server[0]], server[1]
    return resolver


def _answer(name: str, kind: str, server: Server | None) -> dns.resolver.Answer:
    """Return what DNS says of one type at ``name``; nothing there is no error.

    :raise LookupFailed: there is no such name, or nobody answered
    """
    try:
        return _resolver(server).resolve(
            dns.name.from_text(name), kind, lifetime=LOOK_S, raise_on_no_answer=False
        )
    except dns.resolver.NXDOMAIN as error:
        raise LookupFailed(f"There is no {name} in DNS.", "Add it there.") from error
    except (dns.exception.DNSException, OSError) as error:
        raise LookupFailed(
            f"DNS does not answer for {name}: {error}", certain=False
        ) from error


def _ask(name: str, kind: str, server: Server | None) -> list[dns.rdata.Rdata]:
    """Return the records of one type at ``name``; none there is no error."""
    return list(_answer(name, kind, server).rrset or ())


def addresses(name: str, server: Server | None = None) -> set[str]:
    """Return the addresses (A and AAAA) that ``name`` has.

    :param server: address and port of the name server to ask; None for the system's
    :raise LookupFailed: there is no such name, or nobody answered
    """
    found = [one for kind in ("A", "AAAA") for one in _ask(name, kind, server)]
    return {str(ipaddress.ip_address(record.to_text())) for record in found}


def check_leads_to(
    name: str, wanted: Iterable[str], server: Server | None = None
) -> None:
    """See that every address of ``name`` is one of ``wanted``; empty: any will do.

    An authority may choose any of the addresses, so one wrong address is one too many.

    :raise LookupFailed: it has none, or another one
    """
    expected = {str(ipaddress.ip_address(one)) for one in wanted}
    found = addresses(name, server)
    if not found:
        raise LookupFailed(f"{name} has no address in DNS.", "Add an A or AAAA record.")
    wrong = found - expected if expected else set()
    if wrong:
        raise LookupFailed(
            f"{name} leads to {', '.join(sorted(wrong))} in DNS, but its proxy has "
            f"{', '.join(sorted(expected))}.",
            "Correct the record, or the public address of the proxy's node.",
        )


def other_names(name: str, server: Server | None = None) -> set[str]:
    """Return the names that ``name`` stands for by CNAME records, one after the other.

    :raise LookupFailed: there is no such name, or nobody answered
    """
    chain = _answer(name, "A", server).chaining_result.cnames
    targets = (record.target for rrset in chain for record in rrset)
    return {target.to_text(omit_final_dot=True).lower() for target in targets}


def texts(name: str, server: Server | None = None) -> set[str]:
    """Return the TXT records at ``name``; an empty set when there is no such name."""
    try:
        found = _ask(name, "TXT", server)
    except LookupFailed as error:
        if isinstance(error.__cause__, dns.resolver.NXDOMAIN):
            return set()
        raise
    return {
        b"".join(getattr(record, "strings", ())).decode("ascii", "replace")
        for record in found
    }


def parse_server(text: str) -> Server | None:
    """Return the address and port that ``text`` names: ``192.0.2.1``, ``[2001:db8::1]:5353``.

    :raise LookupFailed: it names none
    """
    if not text:
        return None
    host, port = text, "53"
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        number = int(port)
        if not 0 < number < 65536:
            raise ValueError(f"{port} is no port")
        return str(ipaddress.ip_address(host)), number
    except ValueError as error:
        raise LookupFailed(
            f"{text[:80]!a} is no address of a name server: {error}",
            "Give it as 192.0.2.53 or 192.0.2.53:5353.",
        ) from error
