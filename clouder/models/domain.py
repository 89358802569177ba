from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import names
from .name_checks import check_names
from .usage import refuse_used


class ClouderDomain(models.Model):
    """A domain name under which bases are reached."""

    _name = "clouder.domain"
    _inherit = ["clouder.reference.mixin", "clouder.secret.mixin"]
    _description = "Domain"
    _order = "name, id"

    name = fields.Char(required=True)
    organisation = fields.Char(required=True, help="Who the domain belongs to.")
    public = fields.Boolean(help="All users may have bases in it.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Manager",
        default=lambda self: self.env.user.partner_id,
        ondelete="restrict",
        index=True,
    )
    dns_id = fields.Many2one(
        "clouder.service",
        string="DNS service",
        ondelete="restrict",
        index="btree_not_null",
        help="The service that answers for the names of this domain.",
    )
    cert_key = fields.Text(
        string="Key of the certificate",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="clouder.group_administrator",
        copy=False,
    )
    cert_key_encrypted = fields.Text(groups=fields.NO_ACCESS, copy=False)
    cert_cert = fields.Text(
        string="Certificate",
        help="For all names of the domain (wildcard), in PEM form.",
    )
    base_ids = fields.One2many("clouder.base", "domain_id")
    base_count = fields.Integer(compute="_compute_base_count")

    _name_uniq = models.Constraint("UNIQUE (name)", "This domain exists already.")
    _name_format = models.Constraint(
        r"CHECK (name ~ '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')",
        "A domain has only lowercase letters, digits, hyphens and dots.",
    )

    def _compute_base_count(self):
        groups = self.env["clouder.base"]._read_group(
            [("domain_id", "in", self.ids)], ["domain_id"], ["__count"]
        )
        counts = {domain.id: count for domain, count in groups}
        for domain in self:
            domain.base_count = counts.get(domain.id, 0)

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_domain)

    @api.constrains("dns_id")
    def _check_dns(self):
        # sudo: a check must see all that it is about
        for domain in self.sudo().filtered("dns_id"):
            if not domain.dns_id.application_id._check_tags({"dns"}):
                raise ValidationError(
                    self.env._(
                        "Service %s is no DNS service: its application has no tag “dns”.",
                        domain.dns_id.display_name,
                    )
                )

    def write(self, vals):
        self.check_access("write")
        if "name" in vals:
            # sudo: bases of others live in a public domain
            for domain in self.sudo():
                if domain.name != vals["name"] and domain.base_ids:
                    raise ValidationError(
                        self.env._(
                            "Domain %s cannot be renamed: it has bases. Make a new domain "
                            "instead.",
                            domain.name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: bases of others live in a public domain
        for domain in self.sudo():
            refuse_used(domain, [domain.base_ids])
