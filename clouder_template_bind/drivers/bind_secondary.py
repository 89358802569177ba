from odoo import api, models

from ..lib.records import RecordRefused
from ..lib.server import TRANSFER_KEY
from .bind import DnsRefused


class ClouderDriverBindSecondary(models.AbstractModel):
    """BIND that follows another one: what zones there are, and all that is in them."""

    _name = "clouder.driver.bind_secondary"
    _inherit = "clouder.driver.bind"
    _description = "Secondary BIND Driver"

    @api.model
    def _is_secondary(self):
        return True

    @api.model
    def _follows(self):
        return True

    @api.model
    def _primary_facts(self, service):
        """Return what the server that ``service`` follows said of itself.

        :raise DnsRefused: there is none
        """
        for link in service.link_ids.filtered("target"):
            facts = link._facts()
            if facts.get("key"):
                return facts
        raise DnsRefused(
            self.env._("%s follows no name server: choose one.", service.name)
        )

    @api.model
    def _keys(self, service):
        return [(TRANSFER_KEY, self._primary_facts(service)["key"])]

    @api.private
    def service_files(self, service):
        facts = self._primary_facts(service)
        try:
            peers = self._config_file("peers", peers=[(facts["host"], facts["port"])])
        except RecordRefused as error:
            raise DnsRefused(str(error)) from error
        return [*super().service_files(service), peers]

    @api.private
    def service_configure(self, service):
        """Have the primary server know where its follower is, and name it."""
        for link in service.link_ids.filtered("target"):
            link.target._driver()._tell_peers(link.target)
            link.target._driver()._refresh_zones(link.target)
