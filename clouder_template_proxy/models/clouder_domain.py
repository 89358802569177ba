from odoo import models

from odoo.addons.clouder.models.base_lines import SERVED_STATES
from odoo.addons.clouder.models.customer import is_house, is_same_customer


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
            lambda base: base.state in SERVED_STATES and not base._has_certificate()
        )
        links = {link.target: link for link in bases._proxy_links()}
        return [
            (link, link.base_id.fulldomain, self.cert_cert)
            for proxy, link in links.items()
            if self._certificate_allowed(proxy)
        ]

    def _certificate_given(self, proxy):
        return self._has_certificate() and self._certificate_allowed(proxy)

    def _certificate_allowed(self, proxies):
        """Tell whether all ``proxies`` may have the key of this certificate.

        Whoever has it can speak for all names of the domain: so it goes to proxies of
        the same customer, and to those which administrators offer to everybody; never
        to a machine of somebody else.
        """
        self.ensure_one()
        # sudo: whose domain it is decides, whoever looks
        owner = self.sudo().partner_id
        return all(
            (proxy.public or is_same_customer(proxy.environment_id.partner_id, owner))
            and self._is_trusted(proxy.node_id.partner_id)
            # sudo: whose proxy it is decides, whoever looks
            for proxy in proxies.sudo()
        )

    def _is_trusted(self, partner):
        # sudo: whose domain it is decides, whoever looks
        return is_house(partner) or is_same_customer(partner, self.sudo().partner_id)
