"""Certificates: the self-signed default one, and checks of those people bring."""

import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

VALID_DAYS = 3650
SMALLEST_RSA_KEY = 2048


class CertificateRefused(ValueError):
    """A certificate or key that nginx could not use."""


def self_signed(name: str, now: datetime.datetime) -> str:
    """Return the PEM text (key, then certificate) of a self-signed certificate.

    :param name: the common name
    :param now: start of the validity, UTC
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def check_pair(chain: str, key: str) -> str:
    """Return the PEM text (key, then chain) of a pair that nginx can load.

    Both are written anew from what was parsed, so nothing else gets through.

    :raise CertificateRefused: unreadable, too weak, or not belonging together
    """
    try:
        certificates = x509.load_pem_x509_certificates(chain.encode())
        private = serialization.load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateRefused(
            f"The certificate or its key is unreadable: {error}"
        ) from error
    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size < SMALLEST_RSA_KEY:
            raise CertificateRefused(f"A key of {private.key_size} bits is too short.")
    elif not isinstance(private, ec.EllipticCurvePrivateKey):
        raise CertificateRefused("Only RSA and elliptic curve keys can be used.")
    if private.public_key() != certificates[0].public_key():
        raise CertificateRefused("The certificate and the key do not belong together.")
    encoding = serialization.Encoding.PEM
    parts = [
        private.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    ]
    parts += [certificate.public_bytes(encoding) for certificate in certificates]
    return b"".join(parts).decode()


def public_part(pem: str) -> str:
    """Return the certificates in ``pem``, without the key.

    :raise CertificateRefused: there is none
    """
    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise CertificateRefused(f"There is no certificate: {error}") from error
    encoding = serialization.Encoding.PEM
    return "".join(one.public_bytes(encoding).decode() for one in certificates)
