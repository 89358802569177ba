import contextlib
import logging

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.clouder.models.base_lines import SERVED_STATES

from ..lib.certificate import CertificateRefused, public_part

_logger = logging.getLogger(__name__)

PUBLISH = "publish"


class ClouderBase(models.Model):
    _name = "clouder.base"
    _inherit = ["clouder.base", "clouder.certificate.mixin"]

    _certified_idx = models.Index("(id) WHERE cert_cert IS NOT NULL")

    def _certificate_names(self):
        return self._host_names()

    def _proxy_links(self):
        """Return the links of these bases to proxies that answer their visitors now."""
        return self.link_ids.filtered(lambda link: link._answers_visitors())

    def _certificate_places(self):
        self.ensure_one()
        places = []
        for link in self._proxy_links():
            # A proxy whose own certificate is unreadable serves nothing to compare with.
            with contextlib.suppress(CertificateRefused):
                expected = self._certificate_expected(link.target)
                places.append((link, self.fulldomain, expected))
        return places

    def _certificate_expected(self, proxy):
        """Return the chain in PEM form that visitors of this base should be shown.

        That of :meth:`_certificate_holder`; else what ``proxy`` has for all.
        """
        holder = self._certificate_holder(proxy)
        pem = holder.cert_cert or proxy._option("default_certificate") or ""
        return public_part(pem)

    def _certificate_holder(self, proxies):
        """Return whose certificate visitors of this base are shown by ``proxies``.

        Its own, uploaded or issued, or its domain's, where the proxies may have that;
        an expired one of its own only when its domain's is no better.

        :return: this base, its domain, or no base
        """
        self.ensure_one()
        # sudo: what visitors are shown does not depend on who looks
        base = self.sudo()
        if base._certificate_lives():
            return base
        domain = base.domain_id
        wildcard = (
            bool(domain)
            and domain._has_certificate()
            and domain._certificate_allowed(proxies)
        )
        if base._has_certificate():
            better = wildcard and domain._certificate_covers(self._certificate_names())
            return domain if better else base
        return domain if wildcard else base.browse()

    def _certificate_given(self, proxy):
        return self._has_certificate() and self._certificate_holder(proxy) == self

    def _certificate_looked_at(self):
        """Have its domain's certificate served when its own has expired meanwhile."""
        own = not self._has_certificate() or self._certificate_lives()
        if self.cert_served == "other" and not own:
            self._publish_soon()

    def _publish_soon(self):
        """Queue the publication of what this base's proxies show.

        :return: whether it is queued; a base that is busy, or for which the queue has no
            room, is looked at again
        """
        if self._busy_jobs():
            return False
        try:
            self._enqueue(PUBLISH)
        except UserError as error:
            _logger.info("Base %s is published later: %s", self.fulldomain, error)
            return False
        return True

    def _job_started(self, job):
        return None if job.action == PUBLISH else super()._job_started(job)

    def _job_retrying(self, job):
        return None if job.action == PUBLISH else super()._job_retrying(job)

    def _job_ended(self, job):
        """Leave a base that runs alone, whatever became of the certificate shown."""
        return None if job.action == PUBLISH else super()._job_ended(job)

    def _served_domain(self):
        return [*super()._served_domain(), ("state", "in", SERVED_STATES)]
