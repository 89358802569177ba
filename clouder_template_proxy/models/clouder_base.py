import contextlib

from odoo import models

from ..lib.certificate import CertificateRefused, public_part


class ClouderBase(models.Model):
    _name = "clouder.base"
    _inherit = ["clouder.base", "clouder.certificate.mixin"]

    _certified_idx = models.Index("(id) WHERE cert_cert IS NOT NULL")

    def _certificate_names(self):
        return self._host_names()

    def _proxy_links(self):
        """Return the links of these bases to proxies that serve them now."""
        return self.link_ids.filtered(lambda link: link.route_state == "served")

    def _certificate_places(self):
        self.ensure_one()
        places = []
        for link in self._proxy_links():
            # A proxy whose own certificate is unreadable serves nothing to compare with.
            with contextlib.suppress(CertificateRefused):
                expected = self._certificate_expected(link.target)
                places.append((link, self.fulldomain, expected))
        return places

    def _certificate_expected(self, proxy):
        """Return the chain in PEM form that visitors of this base should be shown.

        Its own, uploaded or issued; its domain's; else what ``proxy`` has for all.
        """
        self.ensure_one()
        for record in (self, self.domain_id):
            if record._has_certificate():
                return public_part(record.cert_cert)
        return public_part(proxy._option("default_certificate") or "")

    def _served_domain(self):
        return [*super()._served_domain(), ("state", "=", "running")]
