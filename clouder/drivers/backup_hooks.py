from odoo import api, models


class ClouderDriver(models.AbstractModel):
    _inherit = "clouder.driver"

    @api.private
    def backup_dump(self, backup):
        """Bring the data into a consistent state and stream it."""
        raise self._hook_missing("backup_dump", backup)

    @api.private
    def backup_restore(self, backup):
        """Bring the data of ``backup`` back."""
        raise self._hook_missing("backup_restore", backup)

    @api.private
    def domain_deploy(self, domain):
        """Make the zone of ``domain`` on the name server of its service."""

    @api.private
    def domain_purge(self, domain):
        """Remove the zone of ``domain``."""
