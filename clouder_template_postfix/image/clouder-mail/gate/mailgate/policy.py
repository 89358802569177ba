"""Answers Postfix, for each recipient and at the end of each message.

The protocol: lines ``name=value`` and an empty one; the answer is ``action=…``.
"""

import asyncio
import logging

from .directory import split

LIMIT = 200
GOES_ON = "DUNNO"


class Policy:
    """Refuses recipients that do not exist, and more messages than a base may send."""

    def __init__(self, directory, recipients, quota):
        self.directory = directory
        self.recipients = recipients
        self.quota = quota

    async def serve(self, reader, writer):
        """Answer the requests of one connection until it is closed."""
        try:
            while request := await read_request(reader):
                action = await self.action(request)
                writer.write(f"action={action}\n\n".encode())
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            logging.warning("policy: a connection broke off")
        finally:
            writer.close()

    async def action(self, request):
        """Return what Postfix shall do with ``request`` (dict)."""
        if request.get("protocol_state") == "RCPT":
            return await self.recipient(request)
        if request.get("protocol_state") == "END-OF-MESSAGE":
            return self.message(request)
        return GOES_ON

    async def recipient(self, request):
        """Refuse an address that no base has; only a login writes to other domains."""
        address = request["recipient"]
        base = self.directory.find(split(address)[1])
        ours = base is not None and base.incoming
        if not ours and not request.get("sasl_username"):
            return "554 5.7.1 Relay access denied"
        return await self.recipients.verdict(address) or GOES_ON

    def message(self, request):
        """Count a message of a login against the limit of its base."""
        login = request.get("sasl_username", "").lower()
        domain = split(login)[1]
        base = self.directory.find(domain)
        if base is None:
            return "451 4.7.1 This login has no domain here"
        count = max(int(request.get("recipient_count") or 0), 1)
        if self.quota.take(login, count, base.limit):
            return GOES_ON
        logging.warning("policy: %s is over its limit of %d", domain, base.limit)
        return (
            f"452 4.7.1 {domain} may write to {base.limit} recipients in one hour; "
            "try again later"
        )


async def read_request(reader):
    """Return the attributes of one request, empty at the end of the connection.

    :raise ValueError: it is no request of Postfix
    """
    found = {}
    for _line in range(LIMIT):
        line = (await reader.readline()).decode("utf-8", "replace").rstrip("\n")
        if not line:
            return found
        name, equals, value = line.partition("=")
        if not equals:
            raise ValueError("no attribute")
        found[name] = value
    raise ValueError("too many attributes")
