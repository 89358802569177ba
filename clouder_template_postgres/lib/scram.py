"""SCRAM-SHA-256 verifiers: what PostgreSQL stores in place of a password.

The control plane makes them itself, so that no password of a role ever travels to the
server, where statements can end up in logs.
"""

import base64
import hashlib
import hmac

from passlib.utils import saslprep

ITERATIONS = 4096
_SALT_BYTES = 16


def verifier(password: str, role: str, key: bytes) -> str:
    """Return the verifier of ``password`` for ``role``; the same each time.

    The salt is derived with ``key``: who does not know the key learns nothing from it,
    and an unchanged password gives an unchanged verifier, so nothing is written twice.

    :param key: a secret of the control plane
    """
    context = f"scram\0{role}\0{password}".encode()
    salt = hmac.digest(key, context, "sha256")[:_SALT_BYTES]
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password), salt, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored = hashlib.sha256(client).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _prepared(password: str) -> bytes:
    """Return the bytes that are hashed: prepared as PostgreSQL and its clients do."""
    try:
        return saslprep(password).encode()
    except ValueError:
        return password.encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
