"""An SMTP server that keeps every message in a folder and sends nothing on.

Run by the project's Python environment, for `aiosmtpd` is there:
``python -m devtool.mailbox_server ADDRESS PORT FOLDER``.
"""

import asyncio
import sys
from pathlib import Path

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP


async def serve(address: str, port: int, folder: str) -> None:
    """Take mail until the process is ended.

    :param folder: a Maildir; made when it is missing
    """
    handler = Mailbox(Path(folder))
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(handler, hostname="mailbox.demo.localhost"), address, port
    )
    async with listening:
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
