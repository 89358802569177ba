from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..lib.failure import NotReady
from .answers import DnsAnswers


class ClouderDomain(models.Model):
    """The wildcard certificate of a domain, issued by an authority that it names."""

    _name = "clouder.domain"
    _inherit = ["clouder.domain", "clouder.job.mixin"]

    cert_authority_id = fields.Many2one(
        "clouder.service",
        string="Authority",
        domain=lambda self: list(self.env["clouder.base"]._authority_domain()),
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        help="Who issues the wildcard certificate of this domain; its DNS service shows "
        "the proof. All bases of the domain are then served with it.",
    )
    cert_renewal_date = fields.Date(string="Renew on", copy=False)
    cert_order_ids = fields.One2many(
        "clouder.certificate.order", "domain_id", string="Certificate orders"
    )

    @api.constrains("cert_authority_id")
    def _check_cert_authority(self):
        # sudo: a check must see all that it is about
        for domain in self.sudo().filtered("cert_authority_id"):
            service = domain.cert_authority_id
            if "certificate" not in service._tags():
                raise ValidationError(
                    self.env._(
                        "Service %s is no certificate authority: its application has no "
                        "tag “certificate”.",
                        service.display_name,
                    )
                )

    def _hook_locks(self, hook):
        return [*super()._hook_locks(hook), *self._certificate_locks(hook)]

    def _driver(self):
        """Return the driver of the DNS service: the one that knows zones."""
        # sudo: the domain's DNS service may be another customer's; only its driver is told
        driver = self.sudo().dns_id.type_id.driver
        return self.env["clouder.driver"]._get(driver or "generic")

    def _certificate_authority(self):
        # sudo: the authority may be another customer's
        return self.sudo().cert_authority_id

    def _certificate_runs(self):
        # sudo: only whether there is a DNS service is told
        return bool(self.sudo().dns_id)

    def _order_values(self):
        return {"domain_id": self.id}

    def _certificate_customer(self):
        return self.partner_id

    def _certificate_answers(self):
        # sudo: the domain's DNS service may be another customer's
        service = self.sudo().dns_id
        if not service:
            raise NotReady(
                f"{self.name} has no DNS service that could show a proof.",
                "Choose one on the domain: a wildcard is only proven by DNS.",
            )
        authority = self._certificate_authority()
        resolver = authority._driver()._resolver(authority)
        return DnsAnswers(self, service._exec_service(), self, resolver)

    def _check_may_certify(self):
        result = super()._check_may_certify()
        self._certificate_answers()
        return result

    def _certify_domain(self):
        """Return those with an authority and a DNS service."""
        return (
            super()._certify_domain()
            & Domain("cert_authority_id", "!=", False)
            & Domain("dns_id", "!=", False)
        )

    def _job_started(self, job):
        return None if job.action == "certify" else super()._job_started(job)

    def _job_retrying(self, job):
        return None if job.action == "certify" else super()._job_retrying(job)

    def _job_ended(self, job):
        if job.action != "certify":
            return super()._job_ended(job)
        if job.state == "failed":
            self._certificate_failed(job.error or job.state)
        return None
