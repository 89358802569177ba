from odoo import api, models


class ClouderDriver(models.AbstractModel):
    _inherit = "clouder.driver"

    @api.model
    def _asks_names(self):
        """Tell whether services of this driver ask a name server by themselves."""
        return False


class ClouderDriverBind(models.AbstractModel):
    """Services that ask this server for names: they are told where it is."""

    _inherit = "clouder.driver.bind"

    @api.model
    def _is_asked(self, link):
        return link._owner()._driver()._asks_names()

    @api.model
    def _provide_secondary(self, link):
        if not self._is_asked(link):
            return super()._provide_secondary(link)
        host, port = self._reach(link.target, link._consumer(), link)
        return {"host": host, "port": port}

    @api.model
    def _probe_secondary(self, link):
        return None if self._is_asked(link) else super()._probe_secondary(link)

    @api.model
    def _withdraw_secondary(self, link):
        return None if self._is_asked(link) else super()._withdraw_secondary(link)
