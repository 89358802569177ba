import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from .job_queue import QueueFull

_logger = logging.getLogger(__name__)

REASONS = [
    ("trial", "The trial is over"),
    ("payment", "A payment is missing"),
    ("deletion", "Its deletion was asked for"),
    ("manual", "By hand"),
]
GRACE_PARAMETER = "clouder.deletion_grace_days"
GRACE_DAYS = 7
GRACE_DAYS_MOST = 366
# What would bring a suspended base back behind the back of who suspended it.
REVIVING = ("deploy", "start", "stop", "restart", "reset")


class ClouderBase(models.Model):
    """A base that is suspended: visitors read a page, its data and its names stay."""

    _inherit = "clouder.base"

    state = fields.Selection(
        selection_add=[("suspended", "Suspended"), ("stopped",)],
        ondelete={"suspended": "set default"},
    )
    wanted = fields.Selection(
        selection_add=[("suspended", "Suspended"), ("stopped",)],
        ondelete={"suspended": "set default"},
    )
    suspend_reason = fields.Selection(
        REASONS, string="Suspended because", readonly=True, copy=False, tracking=True
    )
    trial_end = fields.Date(
        string="Trial until",
        copy=False,
        tracking=True,
        help="The last day of the trial: the base is suspended on the day after.",
    )
    delete_on = fields.Date(
        string="Deleted on",
        readonly=True,
        copy=False,
        tracking=True,
        help="The day on which the base is purged, unless its deletion is taken back.",
    )

    _trial_idx = models.Index("(trial_end) WHERE trial_end IS NOT NULL")
    _delete_idx = models.Index("(delete_on) WHERE delete_on IS NOT NULL")

    def suspend(self, reason=False):
        """Suspend these bases: visitors read a page that says so.

        Host name, certificate and data stay, and the service goes on.

        :param str reason: trial, payment, deletion or manual; without it the one of an
            earlier suspension, else manual
        :return: the id of the job (int), a list of ids for several bases
        :raise UserError: a base is not deployed, or busy with something else
        """
        self._check_deployed()
        if reason and reason not in dict(REASONS):
            raise UserError(
                self.env._("“%s” is no reason to suspend a base.", str(reason)[:40])
            )
        for base in self:
            base._check_not_going()
        jobs = self._request("suspend", "suspended")
        # sudo: checked by the request; the reason is Clouder's own field
        for base in self.sudo():
            base.suspend_reason = reason or base.suspend_reason or "manual"
        return jobs

    def resume(self):
        """Bring suspended bases back; a deletion that was asked for is taken back.

        A trial that is over has ended for good: it does not suspend the base again.

        :return: the id of the job (int), a list of ids for several bases
        :raise UserError: a base is not suspended, or busy with something else
        """
        self.check_access("write")
        jobs = []
        for base in self:
            base._check_not_going()
            if base.wanted != "suspended":
                raise UserError(
                    self.env._("%s is not suspended.", base.fulldomain or "")
                )
            # sudo: checked above; the fields are Clouder's own
            known = base.sudo()
            known.write({"wanted": "running", **known._resumed_values()})
            action = "resume" if base.deployed_at else "deploy"
            jobs.append(base._request(action, "running"))
        return jobs[0] if len(jobs) == 1 else jobs

    def _resumed_values(self):
        return {
            "suspend_reason": False,
            "delete_on": False,
            **({"trial_end": False} if self._trial_over() else {}),
        }

    def _trial_over(self):
        return bool(self.trial_end) and self.trial_end < fields.Date.today()

    def request_deletion(self, days=None):
        """Suspend this base and have it purged after a time of grace.

        :param int days: length of the grace, the one of the settings when missing
        :return: the day on which it is purged (date)
        :raise UserError: it is not deployed, or busy with something else
        """
        self.ensure_one()
        self.check_access("write")
        self._check_deployed()
        self._check_not_going()
        day = fields.Date.add(fields.Date.today(), days=self._grace_days(days))
        if self.state != "suspended":
            self.suspend(self._reason_until_deletion())
        # sudo: checked above; the day is Clouder's own field
        self.sudo().delete_on = day
        return day

    def _reason_until_deletion(self):
        """Return why this base is suspended in its time of grace; empty: as before.

        Taking the deletion back brings only back what ran: one that was stopped, or
        suspended before, stays closed until whoever closed it opens it.
        """
        if self.wanted == "suspended":
            return False
        return "manual" if self.wanted == "stopped" else "deletion"

    def _grace_days(self, days):
        """Return ``days`` when it can be a time of grace; the settings' when missing."""
        if days is None:
            # sudo: a system parameter of the settings
            parameters = self.env["ir.config_parameter"].sudo()
            return int(parameters.get_param(GRACE_PARAMETER, GRACE_DAYS))
        if isinstance(days, int) and 0 <= days <= GRACE_DAYS_MOST:
            return days
        raise UserError(
            self.env._(
                "The time of grace is a number of days from 0 to %s.", GRACE_DAYS_MOST
            )
        )

    def cancel_deletion(self):
        """Take back that this base is deleted.

        :return: the id of the job that resumes it (int); False when it stays suspended,
            because it was so for another reason before, or its trial is over
        :raise UserError: nobody asked for its deletion, or it is being purged
        """
        self.ensure_one()
        self.check_access("write")
        self._check_not_going()
        if not self.delete_on:
            raise UserError(
                self.env._("Nobody asked for the deletion of %s.", self.fulldomain)
            )
        reason = self.wanted == "suspended" and self.suspend_reason
        if reason == "deletion":
            if not self._trial_over():
                return self.resume()
            # Else who asks for a deletion and takes it back would have a trial for ever.
            reason = "trial"
        # sudo: checked above; the fields are Clouder's own
        self.sudo().write({"delete_on": False, "suspend_reason": reason})
        return False

    def _check_not_going(self):
        """Refuse to turn back what is being purged."""
        if self.wanted == "purged" and self.state != "purged":
            raise UserError(
                self.env._(
                    "%s is being purged: that cannot be turned back.", self.fulldomain
                )
            )

    def _request(self, action, wanted=None):
        suspended = self.filtered(lambda base: base.wanted == "suspended")
        if suspended and action in REVIVING:
            raise UserError(
                self.env._(
                    "%s is suspended: resume it first.", suspended[:1].fulldomain
                )
            )
        return super()._request(action, wanted)

    @api.model
    def _requests(self):
        model = type(self)
        return super()._requests() | {"suspend": model.suspend, "resume": model.deploy}

    def _job_former(self):
        former = super()._job_former()
        for base in self:
            former[str(base.id)] |= {
                "suspend_reason": base.suspend_reason,
                "delete_on": fields.Date.to_string(base.delete_on),
            }
        return former

    def _restored_values(self, job, former, untouched):
        """Take back with a suspension that was cancelled what it was asked for."""
        values = super()._restored_values(job, former, untouched)
        if untouched and (job.action, job.state) == ("suspend", "cancelled"):
            values |= {
                name: former.get(name) for name in ("suspend_reason", "delete_on")
            }
        return values

    def _forget_deployment(self, action):
        result = super()._forget_deployment(action)
        self.write({"suspend_reason": False, "delete_on": False, "trial_end": False})
        return result

    @api.model
    def _cron_life(self):
        """Suspend the bases whose trial is over; purge those whose grace is over.

        A suspension or a stop that failed is asked for again: such a base may still be
        open. So is one after which the base is told to run, as a later job said so.
        """
        today = fields.Date.today()
        unsettled = [
            ("state", "in", ("failed", "running")),
            ("deployed_at", "!=", False),
        ]
        due = (
            (
                [
                    ("delete_on", "<=", today),
                    ("wanted", "=", "suspended"),
                    ("state", "in", ("suspended", "failed", "running")),
                ],
                lambda base: base.purge(),
            ),
            (
                [
                    ("trial_end", "<", today),
                    ("wanted", "=", "running"),
                    ("state", "in", ("running", "failed")),
                ],
                lambda base: base.suspend("trial"),
            ),
            (
                [*unsettled, ("wanted", "=", "suspended")],
                lambda base: base.suspend(),
            ),
            ([*unsettled, ("wanted", "=", "stopped")], lambda base: base.stop()),
        )
        for domain, ask in due:
            if not self.search(domain)._for_upkeep()._ask_one_by_one(ask):
                break

    def _ask_one_by_one(self, ask):
        """Call ``ask`` for each of these bases; one that is busy is asked next time.

        :return: whether there is time for more
        """
        for base in self:
            try:
                ask(base)
            except QueueFull:
                return False
            except UserError as error:
                _logger.info("Base %s has to wait: %s", base.fulldomain, error)
            if not self.env["ir.cron"]._commit_progress(1):
                return False
        return True

    def action_suspend(self):
        self.suspend()
        return True

    def action_resume(self):
        self.resume()
        return True

    def action_request_deletion(self):
        self.request_deletion()
        return True

    def action_cancel_deletion(self):
        """Take back the deletion; say so when the base stays suspended all the same."""
        if self.cancel_deletion():
            return None
        reasons = dict(self._fields["suspend_reason"]._description_selection(self.env))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("The deletion is taken back"),
                "message": self.env._(
                    "%(base)s stays suspended (%(reason)s). Resume it when it shall be "
                    "reached again.",
                    base=self.fulldomain,
                    reason=reasons[self.suspend_reason],
                ),
                "type": "warning",
                # The form shows at once what is new.
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
