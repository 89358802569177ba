"""Undoing links; what cannot be told to the other side now is remembered."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..lib.errors import ClouderError, JobCancelled

LINK_MODELS = ("clouder.service.link", "clouder.base.link")
AGAIN_HOURS = 1
BATCH = 200


class ClouderLinkMixin(models.AbstractModel):
    _inherit = "clouder.link.mixin"

    def _withdraw_all(self):
        """Undo these links; a side that cannot be told now is told when it is back."""
        for link in self.filtered(lambda one: one.target and one._is_live()):
            reasons = link._undo()
            if reasons:
                link._note("withdrawing", " ".join(reasons), probed=True)
            else:
                link._note("withdrawn")

    def _suspend_all(self):
        """Have the targets of these links turn visitors away."""
        for link in self.filtered(lambda one: one.target and one._is_live()):
            link.target._driver().link_suspend(link)

    def _undo(self):
        """Undo both sides of this link.

        :return: why a side could not be told (list of str)
        """
        self.state = "withdrawing"
        owner, target = self._owner(), self.target
        sides = [(target._driver().link_withdraw, target.state != "purged")]
        sides.append((owner._driver().link_forget, owner.wanted != "purged"))
        if self.make_link:
            sides.append(
                (lambda link: link._leave_networks(), target.state != "purged")
            )
        reasons = []
        for undo, matters in sides:
            try:
                undo(self)
            except JobCancelled:
                raise
            except (ClouderError, UserError) as error:
                if matters:
                    reasons.append(str(error))
                else:
                    self.env["clouder.job"]._log(f"{self.code}: {error}")
        return reasons

    def _leave_networks(self):
        """Take the target out of the environment's network when no link needs it there."""
        environment = self._owner().environment_id
        target = self.target._exec_service()
        if target.environment_id == environment or self._others_in(environment):
            return
        target._runner().network_leave(target, environment)

    def _others_in(self, environment):
        """Return how many other live links of ``environment`` use the same target."""
        count = 0
        for model in LINK_MODELS:
            owner = self.env[model]._owner_field
            domain = [
                ("target", "=", self.target.id),
                ("make_link", "=", True),
                ("state", "in", ("deploying", "working", "broken")),
                (f"{owner}.environment_id", "=", environment.id),
            ]
            if model == self._name:
                domain.append(("id", "!=", self.id))
            count += self.env[model].search_count(domain, limit=1)
        return count

    def _withdraw_alone(self):
        """Undo this link; those of its owner that build on it follow."""
        followers = self._followers()
        self._withdraw_all()
        followers._deploy_all()

    def _cron_withdraw(self):
        """Queue again what could not be told to a target that can be asked now."""
        before = fields.Datetime.subtract(fields.Datetime.now(), hours=AGAIN_HOURS)
        links = self.search(
            [
                ("state", "=", "withdrawing"),
                ("target.node_id.state", "!=", "offline"),
                ("target.state", "in", ("running", "purged")),
                "|",
                ("probed_at", "=", False),
                ("probed_at", "<", before),
            ],
            limit=BATCH,
        )
        for link in links.filtered(lambda one: not one.active_job_id):
            link._enqueue("withdraw")
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _target_is_back(self, services):
        """Have tried at once what waits for ``services``, which can be asked again."""
        cron = self.env.ref("clouder.clouder_link_cron", raise_if_not_found=False)
        for model in LINK_MODELS:
            waiting = self.env[model].search(
                [("state", "=", "withdrawing"), ("target", "in", services.ids)]
            )
            waiting.write({"probed_at": False})
            if waiting and cron:
                cron._trigger()
