"""The gate between Postfix and the bases: a policy server and an LMTP server."""

import asyncio
import logging
import os

from .delivery import Delivery
from .directory import Directory
from .gateway import Gateway
from .policy import Policy
from .quota import Quota
from .recipients import Recipients

BASES = "/srv/mail/bases.json"
COUNTS = "/srv/gate/quota.db"
POLICY_SOCKET = "/run/gate/policy"
LMTP_SOCKET = "/run/gate/lmtp"


async def main():
    """Serve until the process is stopped."""
    directory, gateway = Directory(BASES), Gateway()
    recipients = Recipients(directory, gateway)
    policy = Policy(directory, recipients, Quota(COUNTS))
    delivery = Delivery(directory, recipients, gateway)
    loop = asyncio.get_running_loop()
    # The folder of the sockets lets only Postfix in.
    os.umask(0)
    for path in (POLICY_SOCKET, LMTP_SOCKET):
        if os.path.exists(path):
            os.unlink(path)
    servers = [
        await asyncio.start_unix_server(policy.serve, POLICY_SOCKET),
        await loop.create_unix_server(delivery.server, LMTP_SOCKET),
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def run():
    """Serve, and log what is worth it."""
    logging.basicConfig(format="gate: %(message)s", level=logging.WARNING)
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    asyncio.run(main())
