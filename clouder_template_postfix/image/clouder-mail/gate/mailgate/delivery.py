"""LMTP: takes messages from Postfix and hands them to their bases."""

import asyncio
import logging

from aiosmtpd.lmtp import LMTP

from .directory import split
from .gateway import DELIVER_SECONDS, Refused, Unavailable
from .places import Places

TAKEN = "250 2.0.0 Delivered"
IDENTITY = "Clouder mail gate"


class Delivery:
    """The handler of an LMTP session: one call to a base, whatever its recipients."""

    def __init__(self, directory, recipients, gateway, places=None):
        self.directory = directory
        self.recipients = recipients
        self.gateway = gateway
        self.places = places or Places(DELIVER_SECONDS)

    def server(self):
        """Return the protocol of one connection."""
        return LMTP(
            self,
            enable_SMTPUTF8=True,
            ident=IDENTITY,
            hostname="localhost",
            data_size_limit=None,
        )

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 the name that aiosmtpd calls
        """Take a recipient whose base knows it."""
        if self.directory.find(split(address)[1]) is None:
            return "550 5.1.2 No such domain here"
        verdict = await self.recipients.verdict(address)
        if not verdict:
            envelope.rcpt_tos.append(address)
            verdict = "250 2.1.5 OK"
        return verdict

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 the name that aiosmtpd calls
        """Deliver to each base; return one answer for each recipient, in their order.

        To all bases at once: Postfix waits for one answer to all, and when it gave up it
        would send the message again to those who have it already.
        """
        by_domain = {}
        for address in envelope.rcpt_tos:
            by_domain.setdefault(split(address)[1], []).append(address)
        told = await asyncio.gather(
            *(self._deliver(*one, envelope) for one in by_domain.items())
        )
        answers = dict(zip(by_domain, told, strict=True))
        return "\r\n".join(answers[split(one)[1]] for one in envelope.rcpt_tos)

    async def _deliver(self, domain, addresses, envelope):
        base = self.directory.find(domain)
        if base is None:
            return "550 5.1.2 No such domain here"
        message = stamped(envelope.content, envelope.mail_from, addresses)
        try:
            await self.places.run(self.gateway.deliver, base, message)
        except Refused as error:
            return f"550 5.1.1 {one_line(error)}"
        except Unavailable as error:
            return f"451 4.3.2 {one_line(error)}"
        except Exception:
            # The other bases of the message are served, and must have their answer.
            logging.exception("delivery: a message for %s failed", domain)
            return "451 4.3.0 Try again later"
        logging.warning("delivery: a message for %s", domain)
        return TAKEN


def stamped(content, sender, addresses):
    """Return a message with the envelope in its headers, which is where Odoo reads it.

    Headers of these names that the sender wrote are none of the envelope's: they go.
    """
    head, blank, body = content.partition(b"\r\n\r\n")
    lines = [line for line in unfold(head) if not line.lower().startswith(OURS)]
    own = [f"Return-Path: <{sender or ''}>"]
    own += [f"Delivered-To: {address}" for address in addresses]
    head = b"\r\n".join([*(line.encode() for line in own), *lines])
    return head + blank + body


OURS = (b"return-path:", b"delivered-to:")


def unfold(head):
    """Yield the header fields (bytes) of ``head``, each with its continuation lines."""
    field = b""
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and field:
            field += b"\r\n" + line
            continue
        if field:
            yield field
        field = line
    if field:
        yield field


def one_line(text):
    """Return ``text`` as one line of an SMTP answer."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in str(text))[:200]
