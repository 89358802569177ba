"""What an Odoo database needs to send and take mail: the parameters of ``mail.sql``."""

import re
from collections.abc import Mapping
from typing import Any

from passlib.hash import pbkdf2_sha512

ROUNDS = 6000
INDEX = 8
_RESULT = re.compile(r"^clouder_mail:(\w+)$", re.MULTILINE)


def mail_parameters(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of ``mail.sql`` from what the mail server said.

    The key of the gateway goes as Odoo stores API keys: its first signs and a hash.
    """
    key = facts["gateway_key"]
    return {
        **{
            name: facts[name] for name in ("host", "port", "user", "password", "domain")
        },
        "key": {
            "index": key[:INDEX],
            "hash": pbkdf2_sha512.using(rounds=ROUNDS).hash(key),
        },
    }


def outcome(output: str) -> str:
    """Return what ``mail.sql`` reported: ``done``, or ``account`` when that is missing."""
    found = _RESULT.search(output)
    return found[1] if found else ""
