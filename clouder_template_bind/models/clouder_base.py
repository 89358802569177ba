from odoo import models


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def _choose_target(self, link):
        """Return the DNS service of the base's domain for a link to one."""
        # sudo: the domain's DNS service may be another customer's
        service = self.domain_id.sudo().dns_id
        if link.tag_id.code == "dns" and service and link._matches(service):
            return service
        return super()._choose_target(link)
