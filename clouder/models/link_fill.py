"""Links that wait: filled in by themselves when a fitting service appears."""

from odoo import fields, models
from odoo.exceptions import UserError

BATCH = 100


class ClouderLinkMixin(models.AbstractModel):
    _inherit = "clouder.link.mixin"

    def _cron_fill(self):
        """Queue the links that wait for a service which is there now.

        What was looked at longest ago comes first, so that links whose owner may use none
        of the services do not keep the others from their turn.
        """
        waiting = [
            ("state", "=", "waiting"),
            ("off", "=", False),
            ("auto", "=", True),
            (f"{self._owner_field}.state", "=", "running"),
        ]
        groups = self._read_group(waiting, ["target_application_id", "tag_id"])
        for application, tag in groups:
            if not self._services_of(application, tag):
                continue
            links = self.search(
                [
                    *waiting,
                    ("target_application_id", "=", application.id),
                    ("tag_id", "=", tag.id),
                ],
                order="probed_at NULLS FIRST, id",
                limit=BATCH,
            )
            for link in links:
                link._fill()
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    def _services_of(self, application, tag):
        """Return a running service that links to ``application`` or ``tag`` may use."""
        domain = [("state", "=", "running")]
        if application:
            domain.append(("application_id", "=", application.id))
        else:
            domain += [
                "|",
                ("application_id.tag_ids", "=", tag.id),
                ("application_id.type_id.tag_ids", "=", tag.id),
            ]
        return self.env["clouder.service"].search(domain, limit=1)

    def _fill(self):
        """Choose a target, with the rights of who made the owner, and have it set up."""
        self.probed_at = fields.Datetime.now()
        owner = self._owner()
        if not self.target and self.application_link_id:
            # sudo: parents and their links count; services are searched with the maker's own rights
            maker = owner.with_user(owner.create_uid).sudo()
            self.target = maker._choose_target(self.application_link_id).id
        if not self.target._can_be_asked() or self.active_job_id:
            return
        try:
            self._enqueue("deploy")
        except UserError as error:
            # A full queue: its turn comes again.
            self.reason = str(error)
