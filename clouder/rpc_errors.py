"""What a caller over RPC is told when something went wrong.

Odoo hands out its traceback then: with each error over JSON, and in place of a message
over XML-RPC unless the error was meant for people. Here a caller gets one sentence. What
nobody foresaw gets a number, under which the server's log has the rest.
"""

import logging
import secrets

from werkzeug.exceptions import HTTPException

from odoo.exceptions import RedirectWarning, UserError
from odoo.http import SessionExpiredException

from .lib.errors import ClouderError

_logger = logging.getLogger(__name__)

FORESEEN = (UserError, RedirectWarning, HTTPException, SessionExpiredException)
# Raised there, an error speaks of the call itself: its method, arguments and fields.
ABOUT_THE_CALL = {
    "odoo.service.model": (AttributeError, TypeError),
    "odoo.orm": (ValueError,),
    "xmlrpc.client": (TypeError,),
}
LONGEST = 300
# How the database and its driver say that no text holds this character.
NUL = ("NUL (0x00) characters", "\\u0000 cannot be converted to text")


def sentence(error: BaseException) -> str:
    """Return what a caller is told in place of the error's own text.

    :return: empty when that text is meant for people, as it is
    """
    if isinstance(error, FORESEEN):
        return ""
    if isinstance(error, ClouderError) or _is_about_the_call(error):
        return str(error).partition("\n")[0][:LONGEST]
    if any(words in str(error) for words in NUL):
        return "A text cannot hold the character NUL: leave it out."
    number = secrets.token_hex(4)
    _logger.error("Error %s of a call over RPC", number, exc_info=error)
    return (
        f"The server could not do this ({type(error).__name__}). "
        f"Its log says why, under number {number}."
    )


def _is_about_the_call(error: BaseException) -> bool:
    """Tell whether the error was raised where Odoo looks at the call as such."""
    traceback = error.__traceback__
    if traceback is None:
        return False
    while traceback.tb_next:
        traceback = traceback.tb_next
    place = str(traceback.tb_frame.f_globals.get("__name__", ""))
    return any(
        isinstance(error, kinds) and (place == name or place.startswith(f"{name}."))
        for name, kinds in ABOUT_THE_CALL.items()
    )
