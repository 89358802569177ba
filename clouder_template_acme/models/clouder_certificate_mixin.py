from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.clouder.lib.errors import ClouderError, JobCancelled
from odoo.addons.clouder.lib.lookup import check_leads_to
from odoo.addons.clouder_template_proxy.lib import chain
from odoo.addons.clouder_template_proxy.lib.certificate import (
    CertificateRefused,
    check_pair,
)

from ..lib import schedule
from ..lib.failure import AuthorityRefused

SERVED_SECONDS = 15
RENEW_DAYS = 30
ORDER_FIELDS = {
    "clouder.base": "base_id",
    "clouder.base.alias": "alias_id",
    "clouder.domain": "domain_id",
}
NOT_TRIED = {"cert_error": False, "cert_failures": 0, "cert_next_try": False}


class ClouderCertificateMixin(models.AbstractModel):
    """A record whose certificate an authority issues and renews.

    Four steps, each in a transaction of its own: look whether it is needed and can
    succeed; note that the authority is going to be asked; ask it; have it served.
    None of them fails the job: what is wrong is kept on the record and shown on its
    link, and the next try waits longer each time.
    """

    _inherit = "clouder.certificate.mixin"

    cert_error = fields.Char(
        string="Why there is none",
        readonly=True,
        copy=False,
        help="What the last try to get a certificate met.",
    )
    cert_failures = fields.Integer(
        string="Failures in a row", readonly=True, copy=False, aggregator=None
    )
    cert_next_try = fields.Datetime(string="Next try", readonly=True, copy=False)

    def _certificate_authority(self):
        """Return the service (tag ``certificate``) that is asked; may be empty."""
        raise NotImplementedError

    def _certificate_answers(self):
        """Return where the proofs for this record's names go (an ``Answers``).

        :raise ClouderError: there is no way to prove them
        """
        raise NotImplementedError

    def _order_values(self):
        """Return the values that say whose order it is."""
        raise NotImplementedError

    def _certificate_customer(self):
        """Return the partner whose share of the budget is used."""
        raise NotImplementedError

    def _tell_certificate(self, state, reason=False):
        """Show people, where they look, how it stands with the certificate."""

    def _certificate_runs(self):
        """Tell whether somebody would see the certificate now."""
        raise NotImplementedError

    def _certificate_due(self):
        """Tell whether a certificate has to be asked for now."""
        self.ensure_one()
        if not self._certificate_authority() or not self._certificate_runs():
            return False
        if self.cert_origin == "uploaded":
            return False
        if self.cert_next_try and self.cert_next_try > fields.Datetime.now():
            return False
        return not self._certificate_lasts()

    def _certificate_lasts(self):
        """Tell whether the present certificate will do for a while."""
        return self._own_certificate_lasts()

    def _own_certificate_lasts(self):
        """Tell whether this record's own certificate will do for a while."""
        renewal = self.cert_renewal_date
        return self._certificate_covers(self._certificate_names()) and (
            not renewal or renewal > fields.Date.today()
        )

    def _certificate_check(self):
        """Step 1: look whether a certificate is needed, and whether asking can succeed."""
        if not self._certificate_due():
            if self.cert_next_try and self.cert_error:
                self._log_certificate(
                    self.env._(
                        "The authority is asked again after %(time)s: %(reason)s",
                        time=self.cert_next_try,
                        reason=self.cert_error,
                    ),
                    "warning",
                )
            return
        try:
            self._certificate_answers().rehearse()
        except JobCancelled:
            raise
        except (ClouderError, UserError) as error:
            self._certificate_failed(error)

    def _check_names_lead_to(self, wanted):
        """See that the names of this record lead to ``wanted`` (addresses).

        :raise NotReady: one does not
        """
        authority = self._certificate_authority()
        if authority._option("check_dns") == "false":
            return
        server = authority._driver()._resolver(authority)
        for name in self._certificate_names():
            check_leads_to(name, wanted, server)

    def _certificate_ask(self):
        """Step 2: note that the authority is going to be asked, if the budget allows."""
        if not self._certificate_due():
            return
        # sudo: orders are written by Clouder alone
        orders = self.env["clouder.certificate.order"].sudo()
        try:
            orders._ask(self, self._certificate_authority(), self._certificate_names())
        except JobCancelled:
            raise
        except ClouderError as error:
            self._certificate_failed(error)

    def _certificate_order(self):
        """Return the order that was noted and not carried out yet; may be empty."""
        field = ORDER_FIELDS[self._name]
        # sudo: orders are written by Clouder alone
        return (
            self.env["clouder.certificate.order"]
            .sudo()
            .search([(field, "=", self.id), ("state", "=", "asked")], limit=1)
        )

    def _certify(self):
        """Step 3: have the authority issue what was noted, and keep it."""
        order = self._certificate_order()
        if not order or not self._certificate_due():
            return
        authority = self._certificate_authority()
        try:
            key, pem = authority._driver().certificate_issue(
                authority, list(self._certificate_names()), self._certificate_answers()
            )
            self._keep_issued(key, pem)
        except JobCancelled:
            raise
        except (ClouderError, UserError) as error:
            order._close("failed", error=str(error))
            self._certificate_failed(error)
            return
        order._close(
            "issued",
            expires_at=self.cert_expires_at,
            fingerprint=chain.fingerprint(chain.der(pem)),
        )
        self._log_certificate(
            self.env._(
                "%(authority)s issued a certificate for %(names)s, valid until %(end)s.",
                authority=authority.name,
                names=order.names,
                end=self.cert_expires_at,
            )
        )

    def _keep_issued(self, key, pem):
        """Keep what the authority issued, when it is what was asked for.

        :raise AuthorityRefused: it is something else
        """
        names = self._certificate_names()
        try:
            check_pair(pem, key)
        except CertificateRefused as error:
            raise AuthorityRefused(
                f"What was issued cannot be used: {error}"
            ) from error
        if not chain.covers(pem, names):
            raise AuthorityRefused(
                f"What was issued is not for {', '.join(names)}.", pem
            )
        self._store_certificate(key, pem)
        days = int(self._certificate_authority()._option("renew_days") or RENEW_DAYS)
        renewal = schedule.renewal(*chain.validity(pem), days).date()
        self.write({**NOT_TRIED, "cert_renewal_date": renewal})

    def _forget_certificate(self):
        """Drop a certificate that an authority issued; one that people gave stays."""
        if self.cert_origin == "acme":
            self._store_certificate(False, False)
        self.write(
            {
                **NOT_TRIED,
                "cert_served": False,
                "cert_served_at": False,
                **({"cert_renewal_date": False} if not self.cert_cert else {}),
            }
        )

    def _note_origin(self, issued="uploaded"):
        """Renew nothing in whose place people gave a certificate, nor try again to."""
        result = super()._note_origin(issued)
        # sudo: the fields are Clouder's own; the certificate was the user's to write
        given = self.sudo().filtered(lambda one: one.cert_origin == "uploaded")
        if given:
            given.write({**NOT_TRIED, "cert_renewal_date": False})
        return result

    def _certificate_serve(self):
        """Step 4: have the proxies show the certificate, and see that they do."""
        links = self._certificate_proxies()
        if not self._certificate_authority() or not links:
            return
        try:
            for link in links:
                link.target._driver().link_publish(link)
            fault = self._check_served(SERVED_SECONDS)
        except JobCancelled:
            raise
        except (ClouderError, UserError) as error:
            fault = str(error)
        if fault or self.cert_error:
            self._tell_certificate("broken", fault or self.cert_error)
        elif self._certificate_shown():
            self._tell_certificate("working")

    def _certificate_proxies(self):
        """Return one link to each proxy that shows this certificate."""
        return self.env["clouder.base.link"].browse(
            {
                link.target: link.id for link, _host, _pem in self._certificate_places()
            }.values()
        )

    def _certificate_shown(self):
        """Tell whether visitors get a certificate that is not self-signed by us."""
        return self._has_certificate()

    def _certificate_failed(self, error):
        """Keep why there is no certificate, and when to try again."""
        failures = self.cert_failures + 1
        reason = str(error)
        self.write(
            {
                "cert_error": reason,
                "cert_failures": failures,
                "cert_next_try": fields.Datetime.now() + schedule.pause(failures),
            }
        )
        if detail := getattr(error, "detail", ""):
            self._log_certificate(detail, "output")
        self._tell_certificate("broken", reason)

    def _log_certificate(self, text, level="info"):
        self.env["clouder.job"]._log(text, level)

    def _certificate_locks(self, hook):
        """Return the names of the locks that a step about certificates needs."""
        locks = []
        if hook.endswith("_certificate_ask") and self._certificate_authority():
            orders = self.env["clouder.certificate.order"]
            locks = [orders._budget_lock(self._certificate_authority())]
        elif hook.endswith(("_certificate_check", "_certificate_issue")):
            # One name server entry proves both a bare domain and its wildcard.
            names = {name.removeprefix("*.") for name in self._certificate_names()}
            locks = [f"certificate proof of {name}" for name in sorted(names)]
        elif hook.endswith("_certificate_serve"):
            proxies = self._certificate_proxies().target
            locks = [proxy._publish_lock() for proxy in proxies]
        return locks

    def certify(self):
        """Get or renew the certificate of these records now, whatever was tried before.

        :return: the id of the job for one record, a list of ids for several
        :raise UserError: a record has no authority, or a certificate that people gave
        """
        self.check_access("write")
        jobs = []
        for record in self:
            record._check_may_certify()
            # sudo: checked above; the fields are Clouder's own
            record.sudo().write(
                {"cert_next_try": False, "cert_renewal_date": fields.Date.today()}
            )
            # sudo: checked above; jobs are written by Clouder alone
            jobs.append(record.sudo()._enqueue("certify").id)
        return jobs[0] if len(jobs) == 1 else jobs

    def action_certify(self):
        self.certify()
        return True

    def _check_may_certify(self):
        self.ensure_one()
        # sudo: the authority may be another customer's; only whether there is one is told
        if not self.sudo()._certificate_authority():
            raise UserError(
                self.env._(
                    "%s has no certificate authority: choose one first.",
                    self.display_name,
                )
            )
        if self.cert_origin == "uploaded":
            raise UserError(
                self.env._(
                    "%s has a certificate that was given by people, which is never "
                    "replaced: empty it first.",
                    self.display_name,
                )
            )
