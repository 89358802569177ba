"""Private keys: of accounts, of certificates."""

import josepy
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from .failure import AccountRefused

SIGNATURES = {256: josepy.ES256, 384: josepy.ES384, 521: josepy.ES512}


def generate_key() -> str:
    """Return a new private key on the curve P-256, as PEM text."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def account_key(pem: str) -> tuple[josepy.JWK, josepy.JWASignature]:
    """Return the key of an account and how it signs.

    :raise AccountRefused: it is no RSA or elliptic curve key
    """
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise AccountRefused(
            f"The account key is unreadable: {error}",
            "Empty the option account_key to have a new one made.",
        ) from error
    if isinstance(key, rsa.RSAPrivateKey):
        return josepy.JWKRSA(key=key), josepy.RS256
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size in SIGNATURES:
        return josepy.JWKEC(key=key), SIGNATURES[key.key_size]
    raise AccountRefused(
        "The account key is neither an RSA nor an elliptic curve key.",
        "Empty the option account_key to have a new one made.",
    )
