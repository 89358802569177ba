from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.clouder.lib.errors import ClouderError, ConditionTimeout
from odoo.addons.clouder.lib.wait import wait_for

from ..lib import chain

LOOK_SECONDS = 5
BATCH = 50
# A little less than the interval of the cron.
AGAIN_MINUTES = 55


class ClouderCertificateMixin(models.AbstractModel):
    """What visitors are really shown, compared with what is on record."""

    _inherit = "clouder.certificate.mixin"

    cert_served = fields.Selection(
        [
            ("same", "This one"),
            ("other", "Another one"),
            ("unreachable", "No answer"),
        ],
        string="Really served",
        readonly=True,
        copy=False,
        help="What a visitor was shown when Clouder last looked.",
    )
    cert_served_at = fields.Datetime(string="Looked at", readonly=True, copy=False)

    def write(self, vals):
        result = super().write(vals)
        # What was shown before says nothing about another certificate.
        if "cert_cert" in vals and "cert_served_at" not in vals:
            # sudo: a field of Clouder's own, which follows what may be written
            self.sudo().write({"cert_served_at": False})
        return result

    def _certificate_places(self):
        """Return where this record's certificate is shown.

        :return: list of (proxy link, host name, the chain in PEM form that is expected)
        """
        raise NotImplementedError

    def _certificate_error(self):
        """Return why this record has no certificate of an authority, or False."""
        self.ensure_one()
        return False

    def _check_served(self, deadline=0, away=None):
        """See that visitors are shown what is on record, and note it.

        A difference is shown on the link that is responsible, and when it is over, too.

        :param deadline: seconds to wait for it
        :param dict away: proxies that do not answer, and what they met; they are not
            asked again, and more of them are added
        :return: what is wrong, in one sentence, or ""
        """
        self.ensure_one()
        before, state, faults = self.cert_served, False, []
        for link, host, expected in self._certificate_places():
            gone = (away or {}).get(link.target)
            fault = gone or link._look_at_certificate(host, expected, deadline)
            if fault and fault[0] == "unreachable" and away is not None:
                away[link.target] = fault
            seen = fault[0] if fault else "same"
            state = seen if state in (False, "same") else state
            if fault:
                faults.append(fault[1])
                link._certificate_link()._note("broken", fault[1], probed=True)
            elif before not in (False, "same"):
                error = link.base_id._certificate_error()
                link._certificate_link()._note(
                    "broken" if error else "working", error, probed=True
                )
        self.write({"cert_served": state, "cert_served_at": fields.Datetime.now()})
        return " ".join(faults)

    def _cron_served(self):
        """Look at all certificates that were not looked at within the hour.

        A proxy that does not answer is asked once: so it delays no other.
        """
        cron, away = self.env["ir.cron"], {}
        before = fields.Datetime.subtract(fields.Datetime.now(), minutes=AGAIN_MINUTES)
        due = Domain(self._served_domain()) & (
            Domain("cert_served_at", "=", False) | Domain("cert_served_at", "<", before)
        )
        cron._commit_progress(remaining=self.search_count(due))
        order = "cert_served_at nulls first, id"
        for record in self.search(due, order=order, limit=BATCH):
            record._check_served(away=away)
            record._certificate_looked_at()
            if not cron._commit_progress(1):
                break

    def _certificate_looked_at(self):
        """Do what ``cert_served``, which was just written, asks for."""

    def _served_domain(self):
        """Return the search domain of the records that have something to look at."""
        return [("cert_cert", "!=", False)]


class ClouderBaseLink(models.Model):
    _inherit = "clouder.base.link"

    def _certificate_link(self):
        """Return the link that tells people what is wrong with the base's certificate."""
        return self

    def _look_at_certificate(self, host, expected, deadline):
        """Compare what this link's proxy shows for ``host`` with ``expected``.

        :return: None, or what was seen (``other``, ``unreachable``) and a sentence
        """
        proxy, wanted, seen = self.target, chain.der(expected), []

        def look():
            try:
                shown = proxy._runner().tls_certificate(
                    proxy, "https", host, timeout=LOOK_SECONDS
                )
            except ClouderError as error:
                seen[:] = "unreachable", str(error)
                return False, str(error)
            seen[:] = "other", self._other_certificate(host, expected, shown)
            return shown == wanted, "another certificate"

        try:
            wait_for(f"{proxy.name} shows the certificate of {host}", look, deadline)
        except ConditionTimeout:
            return tuple(seen)
        return None

    def _other_certificate(self, host, expected, shown):
        return self.env._(
            "%(proxy)s shows visitors of %(host)s another certificate (%(shown)s) than "
            "the one on record (%(expected)s): deploy the proxy again.",
            proxy=self.target.name,
            host=host,
            shown=chain.fingerprint(shown)[:16],
            expected=chain.fingerprint(chain.der(expected))[:16],
        )
