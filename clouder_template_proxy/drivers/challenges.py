"""Answers on http that prove to a certificate authority whose a host is."""

import re

from odoo.addons.clouder.lib.errors import ClouderError
from odoo.addons.clouder.lib.spec import File

from ..lib.render import CHALLENGES
from ..lib.routes import HOST
from .publisher import WWW_DATA

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)
TEXT = re.compile(r"[A-Za-z0-9_.-]{16,256}", re.ASCII)


class ChallengeRefused(ClouderError):
    """An authority's token, or a host, that must not become a file name."""


def challenge_path(host, token):
    """Return the file with the answer to ``token`` for ``host``.

    :raise ChallengeRefused: one of them has a character that has no place there
    """
    if len(host) > 253 or not HOST.fullmatch(host):
        raise ChallengeRefused(f"{host[:80]!r} is not a host name.")
    if not TOKEN.fullmatch(token):
        raise ChallengeRefused(f"{token[:80]!r} is not a token of a challenge.")
    return f"{CHALLENGES}/{host}@{token}"


def put_challenge(service, host, token, text):
    """Have the proxy ``service`` answer ``text``; nginx reads it without a reload."""
    path = challenge_path(host, token)
    if not TEXT.fullmatch(text):
        raise ChallengeRefused(f"{text[:80]!r} is not an answer to a challenge.")
    runner = service._runner()
    # Made in the container, so that nginx's user may remove what lies in it.
    runner.exec(service, ["mkdir", "-p", "--", CHALLENGES])
    runner.files_put(service, [File(path, text.encode(), 0o444, WWW_DATA, WWW_DATA)])


def remove_challenge(service, host, token):
    """Take the answer away."""
    path = challenge_path(host, token)
    service._runner().exec(service, ["rm", "-f", "--", path])
