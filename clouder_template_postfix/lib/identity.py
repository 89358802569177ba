"""What a mail server and its domains prove themselves with: keys and certificates."""

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

KEY_BITS = 2048
VALID_DAYS = 3650


def generate_key() -> str:
    """Return the PEM text of a new RSA key for DKIM signatures."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return _pem(key)


def public_record(pem: str) -> str:
    """Return the TXT record that tells the public half of a DKIM key.

    :raise ValueError: ``pem`` is no private key
    """
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def self_signed(name: str, now: datetime.datetime) -> str:
    """Return the PEM text (key, then certificate) of a self-signed certificate.

    :param name: the host it is for
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
    return _pem(key) + certificate.public_bytes(serialization.Encoding.PEM).decode()


def check_certificate(pem: str) -> str:
    """Return key and certificates of ``pem``, written anew, when both are there.

    :raise ValueError: one is missing or they do not belong together
    """
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    certificates = x509.load_pem_x509_certificates(pem.encode())
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("only RSA and elliptic curve keys can be used")
    if key.public_key() != certificates[0].public_key():
        raise ValueError("certificate and key do not belong together")
    encoding = serialization.Encoding.PEM
    parts = [one.public_bytes(encoding).decode() for one in certificates]
    return "".join([_pem(key), *parts])


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
