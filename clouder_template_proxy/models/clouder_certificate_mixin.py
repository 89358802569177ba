import hashlib

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import chain
from ..lib.certificate import CertificateRefused, check_pair


class ClouderCertificateMixin(models.AbstractModel):
    """A record with a certificate of its own: ``cert_cert`` and ``cert_key``."""

    _name = "clouder.certificate.mixin"
    _inherit = ["clouder.derived.mixin"]
    _description = "Record with a Certificate"

    cert_origin = fields.Selection(
        [("uploaded", "Given by people"), ("acme", "Issued by an authority")],
        string="Origin",
        readonly=True,
        copy=False,
        help="One that people gave is never replaced by an issued one: empty it first.",
    )
    cert_expires_at = fields.Datetime(
        string="Valid until", compute="_compute_cert_expires_at", store=True
    )

    @api.depends("cert_cert")
    def _compute_cert_expires_at(self):
        for record in self:
            try:
                record.cert_expires_at = chain.validity(record.cert_cert or "")[1]
            except ValueError:
                record.cert_expires_at = False

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._note_origin()
        return records

    def write(self, vals):
        given = {"cert_cert", "cert_key"} & set(vals)
        if len(given) == 2 and vals["cert_cert"]:
            # The new key first: a certificate is checked as soon as it is written.
            super().write({"cert_cert": False, "cert_key": vals["cert_key"]})
            vals = {name: new for name, new in vals.items() if name != "cert_key"}
        result = super().write(vals)
        if given:
            self._note_origin()
        return result

    def _note_origin(self, issued="uploaded"):
        """Note where the certificate comes from: from people, unless somebody knows better."""
        # sudo: the field is Clouder's own; the certificate was the user's to write
        for record in self.sudo():
            origin = issued if record._has_certificate() else False
            if record.cert_origin != origin:
                record.cert_origin = origin

    def _store_certificate(self, key, pem):
        """Keep an issued certificate and its key, or none (False, False)."""
        self.ensure_one()
        # sudo: a job keeps the certificate that it was given
        record = self.sudo()
        to_apply = "to_apply" in record and record.to_apply
        record.write({"cert_cert": pem, "cert_key": key})
        record._note_origin("acme")
        if "to_apply" in record and record.to_apply != to_apply:
            # It is published at once; nothing is left for people to apply.
            record.to_apply = to_apply

    @api.constrains("cert_cert", "cert_key_encrypted")
    def _check_certificate(self):
        # sudo: a check opens the key, and tells nobody
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
        # sudo: only whether there is a key is told
        return bool(self.cert_cert and self.sudo().cert_key_encrypted)

    def _certificate_lives(self):
        """Tell whether there is a certificate that has not expired."""
        self.ensure_one()
        end = self.cert_expires_at
        return self._has_certificate() and bool(end) and end > fields.Datetime.now()

    def _certificate_covers(self, names):
        """Tell whether there is a certificate that is valid now for all of ``names``."""
        return self._certificate_lives() and chain.covers(self.cert_cert, names)

    def _certificate_given(self, proxy):
        """Tell whether ``proxy``, which serves such names, gets certificate and key."""
        raise NotImplementedError

    def _certificate_pem(self):
        """Return the PEM text of key and certificate.

        :raise CertificateRefused: nginx could not use them
        """
        self.ensure_one()
        return check_pair(self.cert_cert or "", self._secret("cert_key") or "")

    def _certificate_token(self):
        """Return what changes with the certificate or its key, without opening the key."""
        self.ensure_one()
        # sudo: goes into a digest, and is told to nobody
        text = f"{self.cert_cert}\n{self.sudo().cert_key_encrypted}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _certificate_names(self):
        """Return the host names that are served with the certificate (tuple)."""
        raise NotImplementedError
