"""Looking at links: on demand, after a deployment, and all the time in batches."""

from odoo import models
from odoo.exceptions import UserError

from ..lib.errors import ClouderError
from .hosted_mixin import CHANGES

BATCH = 100
PROBED_STATES = ("working", "broken")
ACTIVITY = "clouder.mail_activity_type_link"


class ClouderLinkMixin(models.AbstractModel):
    _inherit = "clouder.link.mixin"

    def _probe_all(self):
        """Look whether these links work, and note it.

        :raise ClouderError: a required one does not
        """
        for link in self.filtered(lambda one: one._is_probed()):
            error = link._probe()
            if error and link.required:
                raise error

    def _is_probed(self):
        return bool(
            self.target and not self.off and self.state in ("deploying", *PROBED_STATES)
        )

    def _probe(self):
        """Look whether this link works, note it, and return the error if there is one."""
        self.ensure_one()
        try:
            self.target._driver().link_probe(self)
        except (ClouderError, UserError) as error:
            self._note("broken", str(error), probed=True)
            return error
        self._note("working", probed=True)
        return None

    def _cron_probe(self):
        """Look at the links that were not looked at for the longest time.

        Those of a target whose node is known to be offline are broken, without asking:
        waiting for it would keep the others from being looked at.
        """
        links = self.search(
            [
                ("state", "in", PROBED_STATES),
                ("off", "=", False),
                (f"{self._owner_field}.state", "=", "running"),
            ],
            order="probed_at NULLS FIRST, id",
            limit=BATCH,
        )
        for link in links.filtered(lambda one: not one._is_busy()):
            if link.target.node_id.state == "offline":
                link._note("broken", link._offline_reason(), probed=True)
            else:
                link._probe()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _is_busy(self):
        """Tell whether a job changes one of the sides just now."""
        jobs = self._owner_root().active_job_id | self.target._root().active_job_id
        return any(job.action in CHANGES for job in jobs | self.active_job_id)

    def _offline_reason(self):
        node = self.target.node_id
        return self.env._(
            "Node %(node)s, where %(target)s lives, is offline: %(error)s",
            node=node.name,
            target=self.target.name,
            error=node.error or "-",
        )

    def _tell_manager(self):
        """Give the manager something to do while this link is broken; take it back after."""
        owner = self._owner()
        if self.state != "broken":
            mine = owner.activity_ids.filtered(lambda one: one.summary == self.code)
            mine.filtered(
                lambda one: one.activity_type_id == self.env.ref(ACTIVITY)
            ).unlink()
            return
        owner.activity_schedule(
            ACTIVITY,
            summary=self.code,
            note=self.reason,
            user_id=owner._manager().id,
        )
