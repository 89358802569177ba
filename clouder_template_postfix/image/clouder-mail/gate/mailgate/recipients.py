"""Whether a recipient exists, remembered for a short while."""

import time

from .gateway import ASK_SECONDS, Refused, Unavailable
from .places import Places

KNOWN_SECONDS = 60
UNKNOWN_SECONDS = 5
REMEMBERED = 10_000


class Recipients:
    """Asks the base of an address; a crowd of senders does not ask for each message."""

    def __init__(self, directory, gateway, now=time.monotonic, places=None):
        self.directory = directory
        self.gateway = gateway
        self.now = now
        self.places = places or Places(ASK_SECONDS)
        self._remembered = {}

    async def verdict(self, address):
        """Return the SMTP answer that refuses an address, "" to take it.

        An address of a foreign domain is nobody's business here.
        """
        _local, _at, domain = address.rpartition("@")
        base = self.directory.find(domain)
        if base is None or not base.incoming:
            return ""
        try:
            known = await self._known(base, address.lower())
        except Unavailable as error:
            return f"451 4.3.2 {error}, try again later"
        except Refused as error:
            return f"550 5.1.1 {error}"
        return "" if known else "550 5.1.1 No such recipient here"

    async def _known(self, base, address):
        found = self._remembered.get((base, address))
        if found and found[1] > self.now():
            return found[0]
        known = await self.places.run(self.gateway.knows, base, address)
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        seconds = KNOWN_SECONDS if known else UNKNOWN_SECONDS
        self._remembered[base, address] = (known, self.now() + seconds)
        return known
