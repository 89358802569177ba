from odoo import models


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def _job_ended(self, job):
        result = super()._job_ended(job)
        self.env["clouder.order"]._follow_hosted("base_id", self)
        return result


class ClouderService(models.Model):
    _inherit = "clouder.service"

    def _job_ended(self, job):
        result = super()._job_ended(job)
        self.env["clouder.order"]._follow_hosted("service_id", self)
        return result


class ClouderOrder(models.Model):
    _inherit = "clouder.order"

    def _follow_hosted(self, field, records):
        """Bring the orders of ``records`` to what these are now."""
        # sudo: who works on the base may not see the order of it; that follows all the same
        orders = self.sudo().search(
            [(field, "in", records.ids), ("state", "in", ("deploying", "failed"))]
        )
        orders._follow()
