"""Where the mail of the demonstration arrives: it must not reach people by mistake.

Its Postfix hands everything to a server on this machine, which keeps it; `./dev mail`
shows it.
"""

import email.policy
import ipaddress
import json
import mailbox
import os
import re
import signal
import socket
from email.message import EmailMessage
from pathlib import Path

from . import checks
from .engine_api import Engine
from .proc import alive, spawn, wait_for
from .settings import INSTANCES, REPO, Settings

PORT = 15026
# Mails fill the line that a list of mails shows with these.
INVISIBLE = " \t\xa0\u034f\u200b\u200c"
SECONDS = 20


def folder(settings: Settings) -> Path:
    """Return the Maildir of the demonstration."""
    return settings.home(INSTANCES["demo"]) / "mailbox"


def _pid_file(settings: Settings) -> Path:
    return folder(settings).with_name("mailbox.json")


def ensure(settings: Settings, engine: Engine) -> str:
    """Have the mailbox take mail from containers.

    :return: its address, as ``host:port``; empty when the engine is another machine,
        whose containers do not reach this one
    :raise Stop: its port is taken, or it does not come up
    """
    if engine.socket_path is None:
        return ""
    address = _bridge(engine)
    known = _running(settings)
    if known and known["address"] != address:
        stop(settings)
        known = None
    if known is None:
        _start(settings, address)
    return f"{address}:{PORT}"


def _bridge(engine: Engine) -> str:
    """Return the address of this machine that all containers reach."""
    config = engine.json("/networks/bridge")["IPAM"]["Config"][0]
    first = next(ipaddress.ip_network(config["Subnet"]).hosts())
    return str(config.get("Gateway") or first)


def _start(settings: Settings, address: str) -> None:
    checks.check_port(PORT, "the mailbox of the demonstration")
    argv = [str(settings.tools_python), "-m", "devtool.mailbox_server"]
    argv += [address, str(PORT), str(folder(settings))]
    number = spawn(argv, log=settings.log("mailbox"), env={"PYTHONPATH": str(REPO)})
    _pid_file(settings).write_text(json.dumps({"pid": number, "address": address}))

    def look() -> tuple[bool, str]:
        try:
            socket.create_connection((address, PORT), 1).close()
        except OSError as error:
            return False, f"{error} (log: {settings.log('mailbox')})"
        return True, "it answers"

    wait_for("the mailbox of the demonstration", look, SECONDS)


def _running(settings: Settings) -> dict[str, str] | None:
    file = _pid_file(settings)
    if not file.exists():
        return None
    known = json.loads(file.read_text())
    # After a restart of the machine the number may belong to another program.
    if not alive(known["pid"]):
        return None
    words = Path(f"/proc/{known['pid']}/cmdline").read_bytes().split(b"\0")
    return known if b"devtool.mailbox_server" in words else None


def stop(settings: Settings) -> str:
    """End the server; what it kept stays.

    :return: what was done, in words
    """
    known = _running(settings)
    if known is None:
        return "not running"
    number = int(known["pid"])
    os.kill(number, signal.SIGTERM)
    wait_for("the mailbox to end", lambda: (not alive(number), "it runs"), SECONDS)
    return "stopped"


def messages(settings: Settings) -> list[EmailMessage]:
    """Return what arrived, the oldest first."""
    place = folder(settings)
    if not place.exists():
        return []
    kept = mailbox.Maildir(place, create=False)
    rows = sorted((kept.get_message(key).get_date(), key) for key in kept.iterkeys())
    return [
        email.message_from_bytes(kept.get_bytes(key), policy=email.policy.default)
        for _date, key in rows
    ]


def shown(message: EmailMessage) -> str:
    """Return a message as text: who, to whom, what, and the links in it."""
    head = [f"{name}: {message[name]}" for name in ("From", "To", "Subject")]
    part = message.get_body(("plain", "html"))
    text = str(part.get_content()) if part else ""
    lines = [line.strip(INVISIBLE) for line in text.splitlines()]
    return "\n".join([*head, "", re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()])
