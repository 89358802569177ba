from datetime import timedelta

from odoo import api, fields, models

KEEP_DAYS = 30


class ClouderOrder(models.Model):
    """Orders that came to nothing do not stay."""

    _inherit = "clouder.order"

    def _cron_expire(self):
        """Expire the orders that nobody confirmed in time."""
        while orders := self._release_expired():
            if not self.env["ir.cron"]._commit_progress(len(orders)):
                break

    @api.autovacuum
    def _gc_orders(self):
        """Drop what strangers never confirmed, and what could not be had."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        # sudo: the vacuum of Odoo works for all users
        old = self.sudo().search(
            [("state", "in", ("expired", "cancelled")), ("create_date", "<", limit)],
            limit=1000,
        )
        old.unlink()
        return len(old), len(old) == 1000
