from odoo import fields, models


class ClouderProvider(models.Model):
    """An account at a company whose cloud services are used through its API."""

    _name = "clouder.provider"
    _inherit = ["clouder.former.mixin", "clouder.secret.mixin"]
    _description = "Provider"
    _order = "name, id"

    name = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("compute", "Machines"),
            ("service", "Services"),
            ("dns", "DNS"),
            ("load", "Load balancer"),
            ("backup", "Backup storage"),
            ("smtp", "Mail relay"),
        ],
        required=True,
        default="dns",
    )
    driver = fields.Char(help="Name of the provider in Apache Libcloud.")
    login = fields.Char(groups="clouder.group_administrator")
    secret_key = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="clouder.group_administrator",
        copy=False,
    )
    secret_key_encrypted = fields.Char(groups=fields.NO_ACCESS, copy=False)

    _name_uniq = models.Constraint(
        "UNIQUE (name)", "Another provider has this name already."
    )
