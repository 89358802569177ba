"""Which base a mail domain belongs to, as Clouder wrote it down."""

import json
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Base:
    """One mail domain and where its messages go.

    :param host: container that answers for the base; "" while the base is stopped
    :param key: API key of the account that may hand in mail there
    :param limit: recipients that the base may write to in one hour
    :param incoming: whether its mail is taken here; otherwise it only sends
    """

    domain: str
    host: str
    port: int
    key: str
    limit: int
    incoming: bool = True


class Directory:
    """The bases by domain; read again whenever the file was replaced."""

    def __init__(self, path):
        self.path = path
        self._seen = None
        self._bases = {}

    def find(self, domain):
        """Return the :class:`Base` of a mail domain, None for a foreign one."""
        self._refresh()
        return self._bases.get(domain.lower())

    def _refresh(self):
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            self._seen, self._bases = None, {}
            return
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen == self._seen:
            return
        with open(self.path, encoding="utf-8") as stream:
            rows = json.load(stream)
        self._bases = {domain: Base(domain, **row) for domain, row in rows.items()}
        self._seen = seen


def split(address):
    """Return local part and domain of an address, both in lower case."""
    local, _at, domain = address.rpartition("@")
    return local.lower(), domain.lower()
