import logging

from odoo import api, fields, models

from .base_own_service import GONE

_logger = logging.getLogger(__name__)

PROVING = ("deploy", "update")


class ClouderService(models.Model):
    """What a service ran before its image changed: kept, so that going back is a switch."""

    _inherit = "clouder.service"

    # What the last job that went well ran. A newer version that fails leaves it serving.
    proven_version_id = fields.Many2one(
        "clouder.image.version",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        export_string_translation=False,
    )
    former_version_id = fields.Many2one(
        "clouder.image.version",
        string="Former version",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="What it ran before. It is kept, so that going back is a switch.",
    )

    def _job_ended(self, job):
        result = super()._job_ended(job)
        if job.state == "done" and job.action in PROVING:
            self._job_records()._note_proven()
        return result

    def _note_proven(self):
        """Note that these services work with their image versions."""
        for service in self:
            version = service.image_version_id
            if version and version != service.proven_version_id:
                service.write(
                    {
                        "former_version_id": service.proven_version_id.id,
                        "proven_version_id": version.id,
                    }
                )

    @api.model
    def _with_former_files(self):
        """Return the services whose nodes may have the files of several versions."""
        services = self.search(
            [("former_version_id", "!=", False), ("state", "not in", GONE)]
        )
        return services.filtered(lambda one: one._form() == "files")

    def _vacuum(self, silent):
        """Remove the files of former versions but the last, once the new one is proven.

        :param set silent: ids of the nodes that did not answer; more are added
        """
        if not self.try_lock_for_update():
            return
        # What was read before the lock may no longer be so.
        self.invalidate_recordset()
        if self.image_version_id == self.proven_version_id and not self._busy_jobs():
            self.node_id._remove_what_is_left(self.name, self._trim_volumes, silent)

    def _trim_volumes(self, runner):
        kept = self.image_version_id | self.former_version_id
        gone = runner.volumes_trim(self, kept.mapped("name"))
        if gone:
            _logger.info("%s: files of former versions are gone: %s", self.name, gone)
