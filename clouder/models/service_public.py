from odoo import api, models
from odoo.exceptions import AccessError

from .customer import ADMINISTRATOR


class ClouderService(models.Model):
    """Whoever links to a public service trusts it with data and keys."""

    _inherit = "clouder.service"

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        services.filtered("public")._check_may_offer()
        return services

    def write(self, vals):
        if vals.get("public"):
            self.filtered(lambda one: not one.public)._check_may_offer()
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "public" not in (default or {}) and not self._may_offer():
            vals_list = [{**vals, "public": False} for vals in vals_list]
        return vals_list

    def _may_offer(self):
        return self.env.su or self.env.user.has_group(ADMINISTRATOR)

    def _check_may_offer(self):
        """Leave it to administrators to offer a service to all customers."""
        if self and not self._may_offer():
            raise AccessError(
                self.env._(
                    "Only administrators offer a service to everybody: %s stays for its "
                    "own environment.",
                    self[0].name,
                )
            )
