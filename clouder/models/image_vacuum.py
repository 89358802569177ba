"""Former image versions: what no service needs any more is removed from the nodes."""

import logging
from operator import methodcaller

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..lib.errors import ClouderError, EngineRefused
from .base_own_service import GONE

_logger = logging.getLogger(__name__)


class ClouderImage(models.Model):
    _inherit = "clouder.image"

    versions_to_keep = fields.Integer(
        string="Versions to keep",
        default=3,
        help="So many versions that were built are kept. Older ones that nothing uses "
        "are deleted each day, with their images on the nodes. 0: all are kept.",
    )

    _versions_to_keep_positive = models.Constraint(
        "CHECK (versions_to_keep >= 0)",
        "The number of versions to keep is 0 (all of them) or more.",
    )

    def _old_versions(self):
        """Return the versions older than those to keep.

        Only built ones are counted: a row of failures does not push out what works.
        """
        self.ensure_one()
        if not self.versions_to_keep:
            return self.version_ids.browse()
        built = self.version_ids.filtered(lambda one: one.state == "built")
        oldest = built.sorted("id", reverse=True)[self.versions_to_keep - 1 :][:1]
        return self.version_ids.filtered(lambda one: one.id < oldest.id)

    def unlink(self):
        """Delete these images with their versions, also on the nodes that answer."""
        self.check_access("unlink")
        self._unlink_except_used()
        # sudo: versions go with their image
        self.sudo().version_ids.unlink()
        return super().unlink()


class ClouderImageVersion(models.Model):
    _inherit = "clouder.image.version"

    def unlink(self):
        """Delete these versions, and their images on the nodes that answer.

        What is left on a node is told in the server's log.
        """
        self.check_access("unlink")
        self._unlink_except_used()
        self._unlink_except_busy()
        # sudo: on which nodes an image is left is nothing that users know
        self.sudo()._leave_nodes(set())
        return super().unlink()

    @api.model
    def _cron_vacuum(self):
        """Remove what is left of former versions and nothing uses any more.

        What cannot be removed now, as its node does not answer or a container uses it,
        is tried again the next day.
        """
        services = self.env["clouder.service"]._with_former_files()
        images = self.env["clouder.image"].search([("versions_to_keep", ">", 0)])
        # The newest first: a version can go once those built on it are gone.
        versions = self.union(*(one._old_versions() for one in images))
        versions = versions.sorted("id", reverse=True)
        cron, silent = self.env["ir.cron"], set()
        cron._commit_progress(remaining=len(services) + len(versions))
        for record in [*services, *versions]:
            record._vacuum(silent)
            if not cron._commit_progress(1):
                break

    def _vacuum(self, silent):
        """Remove this version, unless something uses it.

        :param set silent: ids of the nodes that did not answer; more are added
        """
        # Nobody can begin to use a version that is locked.
        if not self.try_lock_for_update():
            return
        # What was read before the lock may no longer be so.
        self.invalidate_recordset()
        if self._is_needed():
            return
        self._leave_nodes(silent)
        if not self.placement_ids:
            _logger.info("Image version %s is old and unused: deleted", self.reference)
            self.unlink()

    def _leave_nodes(self, silent):
        """Remove the images of these versions where that can be done now.

        :param set silent: ids of the nodes that did not answer; more are added
        """
        for placement in self.placement_ids:
            version, node = placement.version_id, placement.node_id
            remove = methodcaller("image_remove", version, node)
            if node._remove_what_is_left(version.reference, remove, silent):
                placement.unlink()

    def _is_needed(self):
        """Tell whether something uses this version, or may go back to it."""
        back = [
            ("state", "not in", GONE),
            "|",
            ("proven_version_id", "=", self.id),
            ("former_version_id", "=", self.id),
        ]
        named = [
            "|",
            ("parent_from", "=", self.reference),
            ("pull_reference", "=", self.reference),
        ]
        return (
            any(self._users())
            or bool(self._busy_jobs())
            or bool(self.env["clouder.service"].search_count(back, limit=1))
            or bool(self.env["clouder.image"].search_count(named, limit=1))
            or bool(self._bases_left())
        )

    def _bases_left(self):
        """Return the bases that still have the code of this version and wait for newer."""
        codes = [*filter(None, self.placement_ids.mapped("digest")), self.reference]
        named = Domain.OR(Domain("code_digest", "like", code) for code in codes)
        bases = self.env["clouder.base"].search(
            named & Domain("state", "not in", GONE) & Domain("service_id", "!=", False)
        )
        return bases.filtered(
            lambda one: any(
                one.service_id._tree().mapped("application_id.update_bases")
            )
        )


class ClouderNode(models.Model):
    _inherit = "clouder.node"

    def _remove_what_is_left(self, name, remove, silent):
        """Have something removed from this node that nothing needs any more.

        A node that does not answer, or a container that uses it all the same, is no
        error: the server's log tells it.

        :param str name: what it is of, for the log
        :param remove: called with the runner of this node
        :param set silent: ids of the nodes that did not answer; this one may be added
        :return: whether it was done (bool)
        """
        self.ensure_one()
        if self.state == "offline" or self.id in silent:
            return False
        try:
            remove(self.env["clouder.runner"]._get(self.runner))
        except EngineRefused as error:
            _logger.info("%s stays on node %s: %s", name, self.name, error)
            return False
        except (ClouderError, UserError) as error:
            silent.add(self.id)
            _logger.warning("%s stays on node %s: %s", name, self.name, error)
            return False
        return True
