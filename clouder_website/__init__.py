from . import controllers
from . import models
from .lib import log_tokens

log_tokens.install()


def _note_known_addresses(env):
    """Take the addresses of the accounts that people of the house made as proven."""
    users = env["res.users"].with_context(active_test=False).search([])
    users.filtered(
        lambda user: not user.create_uid or user.create_uid._is_internal()
    )._note_proven()
