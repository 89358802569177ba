from odoo import models

from ..lib.certificate import public_part


class ClouderBaseAlias(models.Model):
    """An own domain, with a certificate of its own."""

    _name = "clouder.base.alias"
    # In this order: both build on the derived fields.
    _inherit = ["clouder.certificate.mixin", "clouder.base.alias"]

    _certified_idx = models.Index("(id) WHERE cert_cert IS NOT NULL")

    def _certificate_names(self):
        return tuple(self._names())

    def _certificate_given(self, proxy):
        # It speaks for this name alone, which its base's proxies serve.
        return self._has_certificate() and proxy in self.base_id._proxy_links().target

    def _certificate_places(self):
        self.ensure_one()
        if self.state != "working" or not self._has_certificate():
            return []
        expected = public_part(self.cert_cert)
        return [
            (link, name, expected)
            for link in self.base_id._proxy_links()
            for name in self._names()
        ]

    def _served_domain(self):
        return [*super()._served_domain(), ("state", "=", "working")]
