"""What makes a copied database one tenant's own: the parameters of ``tenant.sql``."""

import hmac
from collections.abc import Mapping
from typing import Any

from .passwords import hash_password


def tenant_parameters(
    identity: str, url: str, settings: Mapping[str, str | None], key: bytes
) -> dict[str, Any]:
    """Return the parameters of ``tenant.sql``.

    Each setting goes with a digest under which the database remembers that it was set.
    The digest needs ``key``, so it tells nothing about a password to who reads it there.

    :param identity: what no other base has; a copy of another base's data is told by it
    :param settings: values by name; those that are empty are left as they are
    :param key: a secret of the control plane
    """
    items = {}
    for name, value in sorted(settings.items()):
        if value:
            digest = _digest(key, identity, name, value)
            stored = hash_password(value) if name.endswith("_password") else value
            items[name] = {"value": stored, "digest": digest}
    return {"identity": _digest(key, identity), "url": url, "items": items}


def _digest(key: bytes, *words: str) -> str:
    return hmac.digest(key, "\0".join(("tenant", *words)).encode(), "sha256").hex()[:32]
