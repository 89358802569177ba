from odoo import api, models

from ..lib.visitor import url_host


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    @api.model
    def _operator_hosts(self):
        """Add the hosts of Clouder's pages and of all websites."""
        # sudo: a system parameter and the addresses of public pages
        env = self.sudo().env
        base_url = env["ir.config_parameter"].get_param("web.base.url")
        websites = env["website"].search([("domain", "!=", False)])
        hosts = {url_host(url) for url in (base_url, *websites.mapped("domain"))}
        return super()._operator_hosts() | (hosts - {""})
