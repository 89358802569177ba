import logging

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.clouder.models.job_queue import QueueFull

_logger = logging.getLogger(__name__)

BATCH = 20
# So many records are looked at before the time that is left is asked for.
PAGE = 100


class ClouderCertificateMixin(models.AbstractModel):
    """Which certificates are due, and in which order they are asked for."""

    _inherit = "clouder.certificate.mixin"

    def _cron_certify(self):
        """Queue a job for the records that need a certificate, the most urgent first.

        Not all that are found need one: it goes on until enough jobs are queued, or the
        queue takes no more.
        """
        progress, queued = self.env["ir.cron"]._commit_progress, 0
        for ids in split_every(PAGE, self._certify_candidates().ids):
            for record in self.browse(ids).exists():
                try:
                    if not record._certify_queued():
                        continue
                except UserError as error:
                    name = record.display_name
                    _logger.info("No certificate of %s now: %s", name, error)
                    if isinstance(error, QueueFull):
                        return
                    continue
                queued += 1
                if not progress(1) or queued >= BATCH:
                    return
            if not progress():
                return

    def _certify_queued(self):
        """Queue the job of this record when it needs a certificate.

        :return: whether it was queued
        :raise QueueFull: the queue takes no job of such a record now
        :raise UserError: the record is busy with something else
        """
        if self.active_job_id:
            return False
        if not self._certificate_due():
            self._certificate_spare()
            return False
        # A renewal begins long before it is due; visitors wait for any other one.
        renews = self._certificate_covers(self._certificate_names())
        self.with_context(clouder_upkeep=renews)._enqueue("certify")
        return True

    def _certificate_spare(self):
        """Drop what was issued, or failed, for a record that needs it no longer."""

    def _certify_candidates(self):
        """Return the records that may need a certificate, the most urgent first."""
        return self.search(
            self._certify_domain(),
            # Visitors of those without one, and of expired ones, are warned now.
            order="cert_expires_at nulls first, cert_next_try nulls first, id",
        )

    def _certify_domain(self):
        """Return the search domain of the records that may need a certificate now."""
        now = fields.Datetime.now()
        return Domain("cert_origin", "!=", "uploaded") & (
            Domain("cert_next_try", "=", False) | Domain("cert_next_try", "<=", now)
        )
