from odoo import api, models


class ClouderDriver(models.AbstractModel):
    """Publishing alone: what the records say of a base that runs has changed by itself."""

    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        return super()._phases() | {("clouder.base", "publish"): ("base_publish",)}
