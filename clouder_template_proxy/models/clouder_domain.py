from odoo import models


class ClouderDomain(models.Model):
    _name = "clouder.domain"
    _inherit = ["clouder.domain", "clouder.certificate.mixin"]

    def _certificate_names(self):
        self.ensure_one()
        return (self.name, f"*.{self.name}")
