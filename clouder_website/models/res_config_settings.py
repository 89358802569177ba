from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.visitor import is_origin, split_origins

ORIGINS = "clouder.order_embed_origins"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    clouder_order_confirm_hours = fields.Integer(
        string="Hours to confirm an order",
        config_parameter="clouder.order_confirm_hours",
        default=24,
        help="So long the link of the mail works, and the name is reserved.",
    )
    clouder_order_progress_days = fields.Integer(
        string="Days of an order's page",
        config_parameter="clouder.order_progress_days",
        default=30,
        help="So long the page that follows an order can be opened; 0: no end.",
    )
    clouder_order_per_address = fields.Integer(
        string="Orders of an address in an hour",
        config_parameter="clouder.order_per_address",
        default=10,
        help="New passwords and accounts that are asked for have the same limit; 0: none.",
    )
    clouder_order_per_email = fields.Integer(
        string="Orders of an e-mail in an hour",
        config_parameter="clouder.order_per_email",
        default=3,
        help="New passwords that are asked for have the same limit; 0: none.",
    )
    clouder_order_checks_per_address = fields.Integer(
        string="Looks for a free name in a minute",
        config_parameter="clouder.order_checks_per_address",
        default=60,
        help="Of one address; 0: no limit.",
    )
    clouder_order_embed_origins = fields.Char(
        string="Sites that may embed the form",
        config_parameter=ORIGINS,
        help="Origins such as https://www.example.com, with blanks between them. "
        "Empty: no other site.",
    )

    @api.constrains("clouder_order_embed_origins")
    def _check_clouder_order_embed_origins(self):
        for settings in self:
            for origin in split_origins(settings.clouder_order_embed_origins):
                if not is_origin(origin):
                    raise ValidationError(
                        self.env._(
                            "“%s” is no origin: write it as https://www.example.com, "
                            "without a path.",
                            origin,
                        )
                    )


class ClouderOrder(models.Model):
    _inherit = "clouder.order"

    @api.model
    def _setting(self, name, default):
        """Return the number in the setting ``clouder.order_<name>``."""
        parameters = self.env["ir.config_parameter"]
        return int(parameters.get_param(f"clouder.order_{name}", default))

    @api.model
    def _embed_origins(self):
        """Return the origins that may show the order form inside their pages."""
        parameters = self.env["ir.config_parameter"]
        origins = split_origins(parameters.get_param(ORIGINS))
        return [origin for origin in origins if is_origin(origin)]
