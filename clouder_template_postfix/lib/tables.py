"""What the container reads while it runs, rendered whole from the bases."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from .hosts import ValueRefused, check_domain

FOLDER = "/srv/mail"
TABLES = ("domains", "senders")
MANIFEST = f"{FOLDER}/manifest.json"
STAMP = "stamp"
ACCOUNT = "mailer"
MINIMUM = 16
STRANGER = "REJECT Only its own mail server sends for this domain"
"""What a foreign server hears that uses a base's domain as its sender."""


class MailDomain(NamedTuple):
    """One base's mail.

    :param domain: its full domain
    :param password: of its login
    :param key: PEM text of its DKIM key
    :param gateway_key: what the base is asked with, and given its mail
    :param host: container that answers for the base; "" while it is stopped
    :param incoming: whether the server takes mail for the domain, too
    """

    domain: str
    password: str
    key: str
    gateway_key: str
    host: str
    port: int
    incoming: bool = True

    def check(self) -> "MailDomain":
        """Return this domain if all of it can be written down.

        :raise ValueRefused: it has a value that has another meaning in a table
        """
        check_domain(self.domain)
        needed = (
            (self.password, self.gateway_key) if self.incoming else (self.password,)
        )
        for secret in needed:
            if not (secret.isascii() and secret.isalnum() and len(secret) >= MINIMUM):
                raise ValueRefused(f"A password of {self.domain} is too short or odd.")
        if self.incoming and not 0 < self.port < 65536:
            raise ValueRefused(f"{self.port} is not a port.")
        return self

    @property
    def login(self) -> str:
        """The name that the base logs in with to send."""
        return f"{ACCOUNT}@{self.domain}"


class Content(NamedTuple):
    """One file of the container and whose it is."""

    text: str
    owner: str
    mode: int


def render(
    domains: Iterable[MailDomain], limit: int, secret: bytes
) -> dict[str, Content]:
    """Return all files by their path.

    A stopped base keeps its domain, so that its mail waits at the senders; it cannot
    log in.

    :param limit: recipients that each may write to in one hour
    :param secret: makes the salts, so that the same passwords give the same file
    :raise ValueRefused: a domain that cannot be written down
    """
    known = sorted(domain.check() for domain in domains)
    live = [one for one in known if one.host or not one.incoming]
    bases = {
        one.domain: {
            "host": one.host,
            "port": one.port,
            "key": one.gateway_key,
            "limit": limit,
            "incoming": one.incoming,
        }
        for one in known
    }
    files = {
        "domains": _table((one.domain, STRANGER) for one in known if one.incoming),
        "senders": _table((f"@{one.domain}", one.login) for one in live),
        "passwd": Content(_logins(live, secret), "dovecot", 0o400),
        "bases.json": Content(json.dumps(bases, sort_keys=True), "gate", 0o400),
    }
    for one in live:
        files[f"dkim/{one.domain}.key"] = Content(one.key, "_rspamd", 0o400)
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def _table(rows: Iterable[tuple[str, str]]) -> Content:
    return Content("".join(f"{name} {value}\n" for name, value in rows), "root", 0o444)


def _logins(domains: Iterable[MailDomain], secret: bytes) -> str:
    return "".join(
        f"{one.login}:{hash_password(one.password, one.domain, secret)}\n"
        for one in domains
    )


def hash_password(password: str, name: str, secret: bytes) -> str:
    """Return a password the way Dovecot stores it.

    The passwords are generated, with more than 128 bits, so one round is enough.
    """
    text = f"mail\0{name}\0{password}".encode()
    salt = hmac.digest(secret, text, "sha256")[:16]
    digest = hashlib.sha512(password.encode() + salt).digest()
    return "{SSHA512}" + base64.b64encode(digest + salt).decode()


def manifest(files: dict[str, Content]) -> dict[str, str]:
    """Return the digest of each file by its path."""
    return {
        path: hashlib.sha256(content.text.encode()).hexdigest()
        for path, content in files.items()
    }


def read_stamp(content: bytes) -> int:
    """Return the second that the last publication bears, 0 when it is not known.

    :param content: the manifest that the container holds
    """
    stamp = _noted(content).get(STAMP)
    return stamp if isinstance(stamp, int) else 0


def _noted(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def read_manifest(content: bytes) -> dict[str, str]:
    """Return the manifest that the container holds; an unreadable one is empty."""
    return {
        path: digest
        for path, digest in _noted(content).items()
        if path.startswith(f"{FOLDER}/") and ".." not in path
    }
