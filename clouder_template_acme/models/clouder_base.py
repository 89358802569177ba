from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clouder.models.base_lines import SERVED_STATES

from ..lib.failure import NotReady
from .answers import DnsAnswers, HttpAnswers

GONE = ("withdrawn", "withdrawing", "delegated")


class ClouderBase(models.Model):
    """The certificate of a base, issued by the authority that it is linked to."""

    _inherit = "clouder.base"

    cert_source = fields.Selection(
        [
            ("uploaded", "Its own, given by people"),
            ("acme", "Its own, issued by an authority"),
            ("wildcard", "The wildcard of its domain"),
            ("self_signed", "Self-signed: browsers warn"),
        ],
        string="Certificate in use",
        compute="_compute_cert_source",
    )
    cert_authority_id = fields.Many2one(
        "clouder.service", string="Authority", compute="_compute_cert_source"
    )
    cert_order_ids = fields.One2many(
        "clouder.certificate.order", "base_id", string="Certificate orders"
    )

    _certify_idx = models.Index("(cert_next_try) WHERE cert_failures > 0")

    @api.depends("cert_origin", "domain_id.cert_origin", "link_ids.target")
    def _compute_cert_source(self):
        # sudo: who reads a base may know where its certificate comes from
        for base in self.sudo():
            holder = base._certificate_holder(base._proxy_links().target)
            if not holder:
                base.cert_source = "self_signed"
            else:
                base.cert_source = base.cert_origin if holder == base else "wildcard"
            base.cert_authority_id = base._certificate_line().target

    def _certificate_line(self):
        """Return the link to a certificate authority that is in use; may be empty."""
        # sudo: links lead to services of others
        return self.sudo().link_ids.filtered(
            lambda link: (
                link.target
                and not link.off
                and link.state not in GONE
                and "certificate" in link.target._tags()
            )
        )[:1]

    def _certificate_authority(self):
        return self._certificate_line().target

    def _certificate_runs(self):
        shown = self.wanted in SERVED_STATES
        return shown and self.service_id.state == "running"

    def _certificate_lasts(self):
        return self._wildcard_covers() or super()._certificate_lasts()

    def _wildcard_covers(self):
        """Tell whether its domain has a certificate for this base and its proxies."""
        domain = self.domain_id
        return domain._certificate_covers(
            self._certificate_names()
        ) and domain._certificate_allowed(self._proxy_links().target)

    def _is_superseded(self):
        """Tell whether its domain's certificate will do, and one of its own will not.

        One that is not due yet stays until it is, and one that lasts longer than its
        domain's stays, too.
        """
        if self.cert_origin == "uploaded" or not self._wildcard_covers():
            return False
        if not self._certificate_lives():
            return True
        longer = self.domain_id.cert_expires_at > self.cert_expires_at
        return longer and not self._own_certificate_lasts()

    def _certificate_spare(self):
        """Let its domain's certificate take the place of an issued one that is due."""
        if not self._is_superseded():
            return
        # Nobody waits for it while the own one is good.
        base = self.with_context(clouder_upkeep=self._certificate_lives())
        if self._has_certificate() and not base._publish_soon():
            return
        self._forget_certificate()

    def _certificate_looked_at(self):
        """Do so as well for a base that no authority is asked for any more."""
        self._certificate_spare()
        return super()._certificate_looked_at()

    def _certificate_shown(self):
        return bool(self._certificate_holder(self._proxy_links().target))

    def _certificate_error(self):
        return self.cert_error or super()._certificate_error()

    def _order_values(self):
        return {"base_id": self.id, "environment_id": self.environment_id.id}

    def _certificate_customer(self):
        return self.environment_id.partner_id

    def _tell_certificate(self, state, reason=False):
        if link := self._certificate_line():
            link._note(state, reason, probed=True)

    def _certificate_answers(self):
        proxies = self._proxy_links().target
        if not proxies:
            raise NotReady(
                f"No proxy serves {self.fulldomain}.", "Link the base to a proxy."
            )
        authority, service = self._certificate_authority(), self._dns_service()
        kind = authority._option("challenge")
        if kind == "http-01" or (kind != "dns-01" and not service):
            return HttpAnswers(self, proxies)
        if kind != "dns-01" and self._asked_where_proxies_are(authority, proxies):
            return HttpAnswers(self, proxies)
        if not service:
            raise NotReady(
                f"{self.fulldomain} has no DNS service that could show a proof.",
                "Link the base to one, or choose http-01 as the challenge.",
            )
        resolver = authority._driver()._resolver(authority)
        return DnsAnswers(self, service, self.domain_id, resolver)

    def _dns_service(self):
        """Return the service that shows records of this base's name; may be empty."""
        links = self.link_ids.filtered(
            lambda link: (
                not link.off and link.state not in GONE and "dns" in link.target._tags()
            )
        )
        # sudo: the domain's DNS service may be another customer's
        service = links.target[:1] or self.domain_id.sudo().dns_id
        return service and service._exec_service()

    @api.model
    def _asked_where_proxies_are(self, authority, proxies):
        """Tell whether the proxies answer at the port at which the authority asks."""
        port = authority._driver()._http_port(authority)
        return all(proxy._published_ports().get("http") == port for proxy in proxies)

    def _certify_domain(self):
        """Return those with visitors whose certificate is missing, due or to be tried again."""
        now, today = fields.Datetime.now(), fields.Date.today()
        no_wildcard = Domain("domain_id.cert_cert", "=", False) | Domain(
            "domain_id.cert_expires_at", "<=", now
        )
        no_own = Domain("cert_cert", "=", False) | Domain("cert_expires_at", "<=", now)
        return (
            super()._certify_domain()
            & Domain("state", "in", SERVED_STATES)
            & Domain("wanted", "in", SERVED_STATES)
            & Domain("service_id.state", "=", "running")
            & Domain("link_ids", "any", self._authority_line_domain())
            & (
                (no_wildcard & no_own)
                # The wildcard is not for its proxy.
                | Domain("cert_failures", ">", 0)
                | (
                    Domain("cert_cert", "!=", False)
                    & Domain("cert_renewal_date", "<=", today)
                )
            )
        )

    @api.model
    def _authority_line_domain(self):
        """Return the search domain of links that ``_certificate_line`` takes."""
        return (
            Domain("off", "=", False)
            & Domain("state", "not in", GONE)
            & Domain("target", "any", self._authority_domain())
        )

    @api.model
    def _authority_domain(self):
        """Return the search domain of services that are certificate authorities."""
        return Domain("application_id.tag_ids.code", "=", "certificate") | Domain(
            "type_id.tag_ids.code", "=", "certificate"
        )

    def _hook_locks(self, hook):
        return [*super()._hook_locks(hook), *self._certificate_locks(hook)]

    def _job_started(self, job):
        return None if job.action == "certify" else super()._job_started(job)

    def _job_retrying(self, job):
        return None if job.action == "certify" else super()._job_retrying(job)

    def _job_ended(self, job):
        """Leave a base that runs alone, whatever became of its certificate."""
        if job.action != "certify":
            return super()._job_ended(job)
        if job.state == "failed":
            self._certificate_failed(job.error or job.state)
        return None

    def action_open_orders(self):
        """Open the times an authority was asked for this base's certificate."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clouder_template_acme.clouder_certificate_order_action"
        )
        action["domain"] = [("base_id", "=", self.id)]
        action["context"] = {}
        return action


class ClouderBaseLink(models.Model):
    _inherit = "clouder.base.link"

    def _certificate_link(self):
        """Tell it on the link to the authority, where there is one."""
        return self.base_id._certificate_line() or super()._certificate_link()
