from odoo import api, models

BASE = "clouder.base"
DOMAIN = "clouder.domain"
STEPS = ("check", "ask", "issue", "serve")
REACHED = ("deploy", "start", "restart", "reset", "resume")
# Which steps follow those of an action.
MORE = {**dict.fromkeys(REACHED, "certify"), "aliases": "certify own domains"}


class ClouderDriver(models.AbstractModel):
    """Certificates: steps at the very end, when a base already answers its visitors."""

    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        return super()._phases() | {
            (BASE, "certify"): tuple(f"base_certificate_{step}" for step in STEPS),
            (DOMAIN, "certify"): tuple(f"domain_certificate_{step}" for step in STEPS),
            (BASE, "certify own domains"): tuple(
                f"base_alias_certificate_{step}" for step in STEPS
            ),
        }

    @api.model
    def _phases_for(self, record, action):
        hooks = super()._phases_for(record, action)
        more = MORE.get(action) if record._name == BASE else None
        if not more:
            return hooks
        wanted = any("certificate" in link.target._tags() for link in record.link_ids)
        return (*hooks, *self._phases()[BASE, more]) if wanted else hooks

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
            for kind in ("base", "domain", "base_alias")
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
    def base_alias_certificate_check(self, base):
        """As ``base_certificate_check``, for each own domain of the base."""
        for alias in base.alias_ids:
            alias._certificate_check()

    @api.private
    def base_alias_certificate_ask(self, base):
        """As ``base_certificate_ask``, for each own domain of the base."""
        for alias in base.alias_ids:
            alias._certificate_ask()

    @api.private
    def base_alias_certificate_issue(self, base):
        """As ``base_certificate_issue``, for each own domain of the base."""
        for alias in base.alias_ids:
            alias._certify()

    @api.private
    def base_alias_certificate_serve(self, base):
        """As ``base_certificate_serve``, for each own domain of the base."""
        for alias in base.alias_ids:
            alias._certificate_serve()

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
