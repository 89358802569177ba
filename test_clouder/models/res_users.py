from passlib.context import CryptContext

from odoo import models


class ResUsers(models.Model):
    """Passwords of tests take no time: a third of what some tests waited for was hashing."""

    _inherit = "res.users"

    def _crypt_context(self):
        return CryptContext(
            ["pbkdf2_sha512", "plaintext"],
            deprecated=["auto"],
            pbkdf2_sha512__rounds=1,
        )
