from odoo import models


class ClouderDomain(models.Model):
    _name = "clouder.domain"
    _inherit = ["clouder.domain", "clouder.certificate.mixin"]

    _certified_idx = models.Index("(id) WHERE cert_cert IS NOT NULL")

    def _certificate_names(self):
        self.ensure_one()
        return (self.name, f"*.{self.name}")

    def _certificate_places(self):
        """Return one base for each proxy that has to show this certificate."""
        self.ensure_one()
        if not self._has_certificate():
            return []
        # sudo: bases of others are served with the domain's certificate
        bases = self.sudo().base_ids.filtered(
            lambda base: (
                base.state in ("running", "suspended") and not base._has_certificate()
            )
        )
        links = {link.target: link for link in bases._proxy_links()}
        return [
            (link, link.base_id.fulldomain, self.cert_cert) for link in links.values()
        ]
