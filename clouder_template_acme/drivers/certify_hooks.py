from odoo import api, models

BASE = "clouder.base"
DOMAIN = "clouder.domain"
STEPS = ("check", "ask", "issue", "serve")
REACHED = ("deploy", "start", "restart", "reset", "resume")


class ClouderDriver(models.AbstractModel):
    """Certificates: steps at the very end, when a base already answers its visitors."""

    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        return super()._phases() | {
            (BASE, "certify"): tuple(f"base_certificate_{step}" for step in STEPS),
            (DOMAIN, "certify"): tuple(f"domain_certificate_{step}" for step in STEPS),
        }

    @api.model
    def _phases_for(self, record, action):
        hooks = super()._phases_for(record, action)
        if record._name != BASE or action not in REACHED:
            return hooks
        wanted = any("certificate" in link.target._tags() for link in record.link_ids)
        return (*hooks, *self._phases()[BASE, "certify"]) if wanted else hooks

    @api.model
    def _titles(self):
        titles = {
            "check": self.env._("See whether a certificate is needed"),
            "ask": self.env._("Keep to the budget of certificates"),
            "issue": self.env._("Have the certificate issued"),
            "serve": self.env._("Serve the certificate"),
        }
        return super()._titles() | {
            f"{kind}_certificate_{step}": title
            for kind in ("base", "domain")
            for step, title in titles.items()
        }

    @api.private
    def base_certificate_check(self, base):
        """Look whether a certificate is needed, and whether asking for it can succeed."""
        base._certificate_check()

    @api.private
    def base_certificate_ask(self, base):
        """Note that the authority is going to be asked, when the budget allows."""
        base._certificate_ask()

    @api.private
    def base_certificate_issue(self, base):
        """Have the authority issue the certificate; a failure is kept, not raised."""
        base._certify()

    @api.private
    def base_certificate_serve(self, base):
        """Have the proxy show the certificate, and see that it does."""
        base._certificate_serve()

    @api.private
    def domain_certificate_check(self, domain):
        """As ``base_certificate_check``, for the wildcard of a domain."""
        domain._certificate_check()

    @api.private
    def domain_certificate_ask(self, domain):
        """As ``base_certificate_ask``, for the wildcard of a domain."""
        domain._certificate_ask()

    @api.private
    def domain_certificate_issue(self, domain):
        """As ``base_certificate_issue``, for the wildcard of a domain."""
        domain._certify()

    @api.private
    def domain_certificate_serve(self, domain):
        """As ``base_certificate_serve``, for the wildcard of a domain."""
        domain._certificate_serve()
