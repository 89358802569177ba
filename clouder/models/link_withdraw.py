"""Undoing links; what cannot be told to the other side now is remembered."""

import contextlib

from odoo import api, fields, models
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
        """Have the targets of these links, which stay set up, turn people away."""
        for link in self.filtered(lambda one: one.target and one._is_live()):
            link.target._driver().link_suspend(link)

    def _undo(self):
        """Undo both sides of this link.

        :return: why a side could not be told (list of str)
        """
        self.state = "withdrawing"
        owner, target = self._owner(), self.target
        sides = [(target._driver().link_withdraw, target.state != "purged")]
        if not owner._successor():
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
                    self.env["clouder.job"]._log(f"{self.code}: {error}", "warning")
        return reasons

    def _leave_networks(self):
        """Take the target out of the environment's network when no link needs it there."""
        environment = self._consumer().environment_id
        target = self.target._exec_service()
        if target.environment_id == environment or self._others_in(environment):
            return
        target._runner().network_leave(target, environment)

    def _others_in(self, environment):
        """Return how many other live links of containers there use the same target.

        :param environment: ``clouder.environment``
        """
        count = 0
        for model in LINK_MODELS:
            consumer = self.env[model]._consumer_field
            domain = [
                ("target", "=", self.target.id),
                ("make_link", "=", True),
                ("state", "in", ("deploying", "working", "broken")),
                (f"{consumer}.environment_id", "=", environment.id),
            ]
            if model == self._name:
                domain.append(("id", "!=", self.id))
            count += self.env[model].search_count(domain, limit=1)
        return count

    def _withdraw_alone(self):
        """Undo this link; those of an owner in use that build on it follow."""
        followers = self._followers()
        self._withdraw_all()
        if self._owner_stays():
            followers._deploy_all()

    @api.model
    def _cron_withdraw(self):
        """Queue again what could not be told to a target that can be asked now."""
        before = fields.Datetime.subtract(fields.Datetime.now(), hours=AGAIN_HOURS)
        due = [
            ("state", "=", "withdrawing"),
            ("target.node_id.state", "!=", "offline"),
            ("target.state", "in", ("running", "purged")),
            "|",
            ("probed_at", "=", False),
            ("probed_at", "<", before),
        ]
        cron, kinds = self.env["ir.cron"], [self.env[name] for name in LINK_MODELS]
        cron._commit_progress(remaining=sum(links.search_count(due) for links in kinds))
        for links in kinds:
            for link in links.search(due, limit=BATCH):
                link._for_upkeep()._withdraw_again()
                if not cron._commit_progress(1):
                    return

    def _withdraw_again(self):
        """Queue this link, whose turn comes again should that be in vain."""
        self.probed_at = fields.Datetime.now()
        with contextlib.suppress(UserError):
            self._enqueue("withdraw")

    def _target_is_back(self, services):
        """Have tried at once what waits for ``services``, which can be asked again."""
        here = ("target", "in", services.ids)
        tags = services.application_id.tag_ids | services.type_id.tag_ids
        fitting = [
            "|",
            here,
            "|",
            ("target_application_id", "in", services.application_id.ids),
            ("tag_id", "in", tags.ids),
        ]
        self._hurry("withdraw", [("state", "=", "withdrawing"), here], "probed_at")
        self._hurry("fill", [("state", "=", "broken"), here], "next_try")
        self._hurry("fill", [("state", "=", "waiting"), *fitting], "next_try")

    def _hurry(self, task, domain, field):
        """Let the links in ``domain`` have their turn now in the cron for ``task``.

        :param str field: says when each of them has its turn
        """
        found = False
        for name in LINK_MODELS:
            links = self.env[name].search(domain)
            links.filtered(field).write({field: False})
            found = found or bool(links)
        cron = self.env.ref(f"clouder.clouder_link_cron_{task}", False)
        if found and cron:
            # sudo: wakes a scheduled action, and does nothing else
            cron.sudo()._trigger()
