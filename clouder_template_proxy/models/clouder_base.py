from odoo import models


class ClouderBase(models.Model):
    _name = "clouder.base"
    _inherit = ["clouder.base", "clouder.certificate.mixin"]

    _certified_idx = models.Index("(id) WHERE cert_cert IS NOT NULL")

    def _certificate_names(self):
        self.ensure_one()
        host = self.fulldomain
        return (host, f"www.{host}") if self.name == "www" else (host,)
