"""What a certificate says: names, validity, fingerprint."""

import datetime
import hashlib
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import serialization


def leaf(chain: str) -> x509.Certificate:
    """Return the first certificate of a chain in PEM form.

    :raise ValueError: there is none
    """
    return x509.load_pem_x509_certificates(chain.encode())[0]


def validity(chain: str) -> tuple[datetime.datetime, datetime.datetime]:
    """Return from when until when it is valid: UTC without a zone, as Odoo keeps it."""
    certificate = leaf(chain)
    return (
        certificate.not_valid_before_utc.replace(tzinfo=None),
        certificate.not_valid_after_utc.replace(tzinfo=None),
    )


def der(chain: str) -> bytes:
    """Return the first certificate itself, as it is shown in a TLS handshake."""
    return leaf(chain).public_bytes(serialization.Encoding.DER)


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 fingerprint of a certificate (DER), as browsers show it."""
    return hashlib.sha256(certificate).hexdigest().upper()


def covers(chain: str, names: Iterable[str]) -> bool:
    """Tell whether a certificate is good for all of ``names``, wildcards included."""
    try:
        extension = leaf(chain).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except (ValueError, x509.ExtensionNotFound):
        return False
    known = {one.lower() for one in extension.value.get_values_for_type(x509.DNSName)}
    return all(
        name in known or f"*.{name.partition('.')[2]}" in known for name in names
    )
