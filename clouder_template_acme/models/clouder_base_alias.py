from odoo import fields, models

from ..lib.failure import NotReady
from .answers import HttpAnswers


class ClouderBaseAlias(models.Model):
    """The certificate of an own domain: from the authority that its base is linked to.

    Clouder does not write into that domain, so the proof is always shown by the proxy.
    """

    _inherit = "clouder.base.alias"

    cert_order_ids = fields.One2many(
        "clouder.certificate.order", "alias_id", string="Certificate orders"
    )

    def _certificate_authority(self):
        return self.base_id._certificate_authority()

    def _certificate_runs(self):
        return self.state == "working" and self.base_id._certificate_runs()

    def _order_values(self):
        return {
            "alias_id": self.id,
            "environment_id": self.base_id.environment_id.id,
        }

    def _certificate_customer(self):
        return self.base_id._certificate_customer()

    def _certificate_answers(self):
        proxies = self.base_id._proxy_links().target
        if not proxies:
            raise NotReady(f"No proxy serves {self.name}.", "Link its base to a proxy.")
        return HttpAnswers(self, proxies)

    def certify(self):
        """Get or renew the certificates of these own domains now.

        :return: the id of the job (int), a list of ids for several bases
        :raise UserError: there is no authority, a certificate was given, or a base is busy
        """
        self.check_access("write")
        for alias in self:
            alias._check_may_certify()
        # sudo: checked above; the fields are Clouder's own
        self.sudo().write(
            {"cert_next_try": False, "cert_renewal_date": fields.Date.today()}
        )
        return self.check()


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def _hook_locks(self, hook):
        locks = super()._hook_locks(hook)
        if hook.startswith("base_alias_certificate_"):
            for alias in self.alias_ids:
                locks = [*locks, *alias._certificate_locks(hook)]
        return locks
