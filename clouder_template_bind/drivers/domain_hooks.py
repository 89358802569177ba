from odoo import api, models

DOMAIN = "clouder.domain"


class ClouderDriver(models.AbstractModel):
    """The life of a domain: its zone on a name server."""

    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        return super()._phases() | {
            (DOMAIN, "deploy"): ("domain_deploy",),
            (DOMAIN, "purge"): ("domain_purge",),
        }

    @api.model
    def _titles(self):
        return super()._titles() | {
            "domain_deploy": self.env._("Have the zone"),
            "domain_purge": self.env._("Remove the zone"),
        }
