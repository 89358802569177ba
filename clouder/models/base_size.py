"""How much room bases take: measured in batches, shown from the record."""

import logging

from odoo import fields, models
from odoo.exceptions import UserError

from ..lib.errors import ClouderError

_logger = logging.getLogger(__name__)

# A node is asked once for all bases of a service, at most for so many.
BATCH = 200
HOURS = 20


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    # Float: an integer of PostgreSQL ends at two gigabytes.
    size_database = fields.Float(
        string="Database size",
        digits=(16, 0),
        readonly=True,
        copy=False,
        aggregator="sum",
        help="In bytes, when it was last measured.",
    )
    size_files = fields.Float(
        string="Files size",
        digits=(16, 0),
        readonly=True,
        copy=False,
        aggregator="sum",
        help="In bytes, when it was last measured.",
    )
    size_at = fields.Datetime(string="Measured at", readonly=True, copy=False)

    _size_idx = models.Index("(size_at) WHERE state = 'running'")

    def _cron_measure(self):
        """Measure the running bases that were not measured for most of a day."""
        before = fields.Datetime.subtract(fields.Datetime.now(), hours=HOURS)
        domain = [
            ("state", "=", "running"),
            ("service_id", "!=", False),
            "|",
            ("size_at", "=", False),
            ("size_at", "<", before),
        ]
        stale = self.search(domain, order="size_at NULLS FIRST, id", limit=BATCH)
        silent = self.env["clouder.node"]
        for service, bases in stale.grouped("service_id").items():
            if service.node_id not in silent and not bases._measure():
                silent |= service.node_id
            bases.size_at = fields.Datetime.now()
            left = self.search_count(domain)
            if not self.env["ir.cron"]._commit_progress(len(bases), remaining=left):
                break

    def _measure(self):
        """Note how much room these bases of one service take.

        :return: whether their node answered (bool)
        """
        if self.service_id.node_id.state == "offline":
            return False
        try:
            sizes = self._driver().base_sizes(self)
        except (ClouderError, UserError, ValueError) as error:
            # The last one: a container answered something that is no size.
            _logger.info("The bases of %s: %s", self.service_id.name, error)
            return False
        for base in self.filtered(lambda one: one.id in sizes):
            database, files = sizes[base.id]
            base.write({"size_database": database, "size_files": files})
        return True

    def _job_ended(self, job):
        """Have a base measured soon after what changes its size."""
        result = super()._job_ended(job)
        if job.state == "done" and job.action in ("deploy", "reset"):
            self.size_at = False
            self.env.ref("clouder.clouder_base_cron_measure")._trigger()
        return result
