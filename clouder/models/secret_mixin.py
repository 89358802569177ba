import logging
import threading

from odoo import api, models
from odoo.exceptions import UserError

from .. import keyring
from ..lib.errors import SecretKeyError
from . import job_context

_logger = logging.getLogger(__name__)

KEY_PARAMETER = "clouder.secret_key_id"


class ClouderSecretMixin(models.AbstractModel):
    """Fields whose value is encrypted in the database.

    A secret field ``x`` is computed by ``_compute_secrets`` and written through
    ``_inverse_secrets``; the model stores its token in ``x_encrypted``, a field
    without access. In clear it is read by who may write the record, of the ``groups``
    of ``x``: a public record has many readers.
    """

    _name = "clouder.secret.mixin"
    _description = "Encrypted Fields"

    def _register_hook(self):
        """Check at start that this process can open the secrets of this database."""
        super()._register_hook()
        if self._name == "clouder.secret.mixin":
            self._check_key()

    @api.model
    def _check_key(self):
        """Make the key at the first start; stop the server when it is missing later."""
        # sudo: a system parameter: the id of the key, not the key
        parameters = self.env["ir.config_parameter"].sudo()
        known = parameters.get_param(KEY_PARAMETER)
        if not known:
            vault = (
                keyring.vault()
                if keyring.key_path().exists()
                else keyring.create_vault()
            )
            parameters.set_param(KEY_PARAMETER, vault.key_id)
            return
        try:
            keyring.vault().require(known)
        except SecretKeyError as error:
            self._refuse_to_start(known, error)

    @api.model
    def _refuse_to_start(self, key_id, error):
        message = (
            f"Clouder cannot open the secrets of database {self.env.cr.dbname}: {error.message} "
            f"Put the file that holds key {key_id} back to {keyring.key_path()} "
            "(readable by its owner only), or point secret_key_file in [clouder] of the configuration to it, "
            "and start again."
        )
        _logger.critical(message)
        if threading.current_thread() is threading.main_thread():
            raise SystemExit(message)
        raise SecretKeyError(message)

    def _secret_fields(self):
        """Return the names of the secret fields of this model."""
        return [
            name
            for name, field in self._fields.items()
            if field.compute == "_compute_secrets"
        ]

    @api.depends(lambda self: [f"{name}_encrypted" for name in self._secret_fields()])
    @api.depends_context("uid", "su")
    def _compute_secrets(self):
        readable = self._readable_secrets()
        for record in self:
            for name in self._secret_fields():
                record[name] = record in readable and record._secret(name)

    def _readable_secrets(self):
        """Return the records whose secrets the user may read: those he may change."""
        if self.env.su:
            return self
        allowed = self._origin._filtered_access("write")
        return self.filtered(lambda one: not one._origin or one._origin in allowed)

    def _inverse_secrets(self):
        for record in self._readable_secrets():
            # Odoo does not compute the other fields while it writes one: what is not at
            # hand here was not written, and reading it would give nothing.
            for name in self._secret_fields():
                if name not in record._cache:
                    continue
                value = record[name] or False
                if value != (record._secret(name) or False):
                    # sudo: the field without access holds what the user may write in clear
                    record.sudo()[f"{name}_encrypted"] = self._encrypt(value)

    def _secret(self, name):
        """Return the clear value of the secret field ``name``, or False.

        For code only: it checks no access. In a job the value is masked from here on.
        """
        self.ensure_one()
        # sudo: for drivers, and for readers that _compute_secrets let through
        return self._decrypt(self.sudo()[f"{name}_encrypted"])

    @api.model
    def _encrypt(self, value):
        """Return the token of ``value``; False stays False."""
        if not value:
            return False
        job_context.know_secret(value)
        return keyring.vault().encrypt(value)

    @api.model
    def _decrypt(self, token):
        """Return what ``token`` hides; False stays False.

        :raise UserError: the key that made the token is not at hand
        """
        if not token:
            return False
        try:
            value = keyring.vault().decrypt(token)
        except SecretKeyError as error:
            raise UserError(str(error)) from error
        job_context.know_secret(value)
        return value
