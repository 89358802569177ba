from odoo import api, models


class ClouderDriver(models.AbstractModel):
    """What a type with the tag ``dns`` does for those who must prove a name is theirs."""

    _inherit = "clouder.driver"

    @api.private
    def dns_challenge_set(self, service, domain, name, values):
        """Have the name server answer with these TXT records, and no others, at ``name``.

        It answers so, on every server of the zone, when this returns.

        :param service: ``clouder.service`` of the name server
        :param domain: ``clouder.domain`` whose zone holds the name
        :param str name: full name without the last dot: ``_acme-challenge.example.com``
        :param values: list of str, unquoted
        """
        raise self._hook_missing("dns_challenge_set", service)

    @api.private
    def dns_challenge_clear(self, service, domain, name):
        """Remove the TXT records at ``name``; none there is no error."""
        raise self._hook_missing("dns_challenge_clear", service)
