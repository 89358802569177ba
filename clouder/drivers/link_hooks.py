from odoo import api, models


class ClouderDriver(models.AbstractModel):
    _inherit = "clouder.driver"

    @api.private
    def link_provide(self, link):
        """Make the other side welcome (role, route, record); the target's driver does it.

        Called again and again: look, act if needed. ``link._facts()`` gives what was said
        before, so that a password stays the same.

        :param link: ``clouder.service.link`` or ``clouder.base.link``
        :return: dict of facts for the consumer: host, port, credentials …
        """
        return {}

    @api.private
    def link_after(self, link):
        """Return which other links of the same owner must be set up before this one.

        Asked of the target's driver. A DNS server comes after all that say which records
        they want (``dns_records`` in their facts); see ``link._siblings()``.

        :return: links of the same model
        """
        return link.browse()

    @api.private
    def link_consume(self, link, facts):
        """Adapt the own configuration to ``facts``; the driver of the link's owner does it."""

    @api.private
    def link_probe(self, link):
        """Look from the consumer's side whether the link works; the target's driver does it.

        :raise ClouderError: it does not, with the reason
        """

    @api.private
    def link_withdraw(self, link):
        """Undo ``link_provide``; must work when either side is already gone."""

    @api.private
    def link_forget(self, link):
        """Undo ``link_consume``; the driver of the link's owner does it."""
