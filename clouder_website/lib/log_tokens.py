"""Keeps the secrets that stand in addresses out of the server's log."""

import logging
import re

MASK = "***"
# An address inside of another one is encoded, once for each that it is inside of.
_SLASH = r"(?:/|%(?:25)*2F)"
_END = r"""[/?&\s"']|%(?:25)*(?:2F|3F|26|20|22|27)"""
_PART = rf"(?:(?!{_END}).)+"
_TOKEN = re.compile(
    rf"({_SLASH}instances{_SLASH}(?:confirm|progress{_SLASH}{_PART}){_SLASH}){_PART}",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """Return ``text`` with the tokens of confirmations and of orders' pages masked."""
    return _TOKEN.sub(rf"\g<1>{MASK}", text)


class MaskTokens(logging.Filter):
    """Masks the tokens in the lines about requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask what ``record`` says; it is always logged."""
        record.msg = masked(str(record.msg))
        if isinstance(record.args, tuple):
            record.args = tuple(
                masked(one) if isinstance(one, str) else one for one in record.args
            )
        return True


def install() -> None:
    """Mask the tokens in the log of requests of this process."""
    log = logging.getLogger("werkzeug")
    if not any(isinstance(one, MaskTokens) for one in log.filters):
        log.addFilter(MaskTokens())
