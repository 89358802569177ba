from odoo import fields, models
from odoo.exceptions import UserError

from ..lib.hosts import relay

FALLBACK_DOMAIN = "mail.invalid"


class ClouderService(models.Model):
    """What a mail server serves."""

    _inherit = "clouder.service"

    mail_domain_count = fields.Integer(
        string="Mail domains", compute="_compute_mail_domain_count"
    )

    def _compute_mail_domain_count(self):
        groups = self.env["clouder.base.link"]._read_group(
            [("target", "in", self.ids), ("mail_state", "!=", False)],
            ["target"],
            ["__count"],
        )
        counts = {service.id: count for service, count in groups}
        for service in self:
            service.mail_domain_count = counts.get(service.id, 0)

    def _mail_links(self):
        """Return the links whose mail this server serves."""
        self.ensure_one()
        return self.env["clouder.base.link"].search(
            [("target", "=", self.id), ("mail_state", "!=", False)], order="id"
        )

    def _mail_hostname(self):
        """Return the name that the server calls itself."""
        return self._option("hostname") or f"{self.name}.{FALLBACK_DOMAIN}"

    def _mail_exchanger(self, domain):
        """Return the host that the MX record of ``domain`` names."""
        return self._option("hostname") or domain

    def _mail_senders(self):
        """Return the SPF mechanisms that say who sends for the bases.

        :raise ValueRefused: the relay is none
        """
        if self._option("spf"):
            return self._option("spf")
        if not self._option("relay_host"):
            return "mx -all"
        host, _port = relay(self._option("relay_host"))
        kind = "ip4" if host.replace(".", "").isdigit() else "a"
        return f"mx {kind}:{host} -all"

    def _mail_refused(self, error):
        """Return the error that tells people what a mail server cannot be given."""
        return UserError(
            self.env._(
                "The mail server %(service)s cannot be set up: %(reason)s",
                service=self.name,
                reason=error,
            )
        )

    def action_open_mail_domains(self):
        """Open the mail domains that this server serves."""
        self.ensure_one()
        view = self.env.ref("clouder_template_postfix.clouder_base_link_view_list_mail")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mail domains of %s", self.name),
            "res_model": "clouder.base.link",
            "views": [(view.id, "list")],
            "domain": [("target", "=", self.id), ("mail_state", "!=", False)],
        }
