"""Secrets that are given away in a link, of which only a digest is kept."""

import hashlib
import hmac
import json
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """Return a random token of 256 bits that can stand in a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """Return what is stored of ``token``; the token cannot be had back from it."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_digest(key: str, text: str) -> str:
    """Return a digest of ``text`` that only who knows ``key`` can compute."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def form_digest(token: str, *parts: object) -> str:
    """Return what is stored of a form that was sent: the same when it is sent again.

    :param token: the random one of the form; without one, no two forms are the same
    :param parts: what was typed, and who typed it, as JSON can hold it
    :return: "" without a token
    """
    return digest(json.dumps([token, *parts], sort_keys=True)) if token else ""


def fits(token: str, stored: str | None) -> bool:
    """Tell whether ``stored`` is the digest of ``token``, in constant time."""
    return bool(stored) and hmac.compare_digest(digest(token), stored or "")
