"""The records that the zone of a base needs for its mail."""

from .hosts import check_domain, check_mechanisms
from .identity import public_record

SELECTOR = "clouder"
PRIORITY = 10
DMARC = "v=DMARC1; p=quarantine; adkim=s; aspf=s"


def dns_records(
    domain: str, exchanger: str, mechanisms: str, key: str
) -> list[list[str]]:
    """Return ``[name, type, value]`` of each record; names are relative to ``domain``.

    :param domain: the base's full domain
    :param exchanger: host that takes mail for it
    :param mechanisms: who may send for it, as SPF says it
    :param key: PEM text of the private DKIM key
    :raise ValueError: a value that no record may hold
    """
    check_domain(domain)
    return [
        ["", "MX", f"{PRIORITY} {check_domain(exchanger)}."],
        ["", "TXT", f"v=spf1 {check_mechanisms(mechanisms)}"],
        [f"{SELECTOR}._domainkey", "TXT", public_record(key)],
        ["_dmarc", "TXT", DMARC],
    ]
