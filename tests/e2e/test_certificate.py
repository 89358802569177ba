"""Certificates of a real ACME authority, shown by a real proxy, for real names."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import certified


@pytest.fixture(scope="module")
def site(infra, engine):
    made = certified.build(infra, engine)
    yield made
    certified.remove(made)


@pytest.fixture(scope="module")
def base(site):
    return site.base("first")


def own_pair(host):
    """Return a certificate and its key as people bring them, PEM text."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def test_a_base_gets_a_certificate_with_its_deployment(site, base):
    seen = site.read(base, "cert_origin", "cert_served", "cert_cert", "cert_error")
    assert not seen["cert_error"]
    assert (seen["cert_origin"], seen["cert_served"]) == ("acme", "same")
    assert site.shown("first.certified.test") == certified.der(seen["cert_cert"])
    assert site.link(base)["state"] == "working", site.link(base)
    site.trusted("first.certified.test")
    assert site.page("first.certified.test", "/web/login", tls=True)[0] == 200
