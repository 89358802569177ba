from odoo import models


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def _job_ended(self, job):
        result = super()._job_ended(job)
        self.env["clouder.order"]._follow_bases(self)
        return result


class ClouderOrder(models.Model):
    _inherit = "clouder.order"

    def _follow_bases(self, bases):
        """Bring the orders of ``bases`` to what these are now."""
        # sudo: who works on the base may not see the order of it; that follows all the same
        orders = self.sudo().search(
            [("base_id", "in", bases.ids), ("state", "in", ("deploying", "failed"))]
        )
        orders._follow()
