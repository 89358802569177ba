import hashlib

from odoo import api, models
from odoo.exceptions import ValidationError

from ..lib.certificate import CertificateRefused, check_pair


class ClouderCertificateMixin(models.AbstractModel):
    """A record with a certificate of its own: ``cert_cert`` and ``cert_key``."""

    _name = "clouder.certificate.mixin"
    _description = "Record with a Certificate"

    @api.constrains("cert_cert", "cert_key_encrypted")
    def _check_certificate(self):
        for record in self.sudo():
            if not record._has_certificate():
                continue
            try:
                record._certificate_pem()
            except CertificateRefused as error:
                raise ValidationError(
                    self.env._(
                        "The certificate of %(record)s cannot be used: %(reason)s",
                        record=record.display_name,
                        reason=error,
                    )
                ) from error

    def _has_certificate(self):
        """Tell whether both halves are there."""
        self.ensure_one()
        return bool(self.cert_cert and self.sudo().cert_key_encrypted)

    def _certificate_pem(self):
        """Return the PEM text of key and certificate.

        :raise CertificateRefused: nginx could not use them
        """
        self.ensure_one()
        return check_pair(self.cert_cert or "", self._secret("cert_key") or "")

    def _certificate_token(self):
        """Return what changes with the certificate or its key, without opening the key."""
        self.ensure_one()
        text = f"{self.cert_cert}\n{self.sudo().cert_key_encrypted}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _certificate_names(self):
        """Return the host names that are served with the certificate (tuple)."""
        raise NotImplementedError
