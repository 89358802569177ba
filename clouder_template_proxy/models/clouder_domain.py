from odoo import models


class ClouderDomain(models.Model):
    _name = "clouder.domain"
    _inherit = ["clouder.domain", "clouder.certificate.mixin"]

    _certified_idx = models.Index("(id) WHERE cert_cert IS NOT NULL")

    def _certificate_names(self):
        self.ensure_one()
        return (self.name, f"*.{self.name}")
