"""Links that do not work: who is told, and when they are set up again."""

from odoo import fields, models

from . import job_context

ACTIVITY = "clouder.mail_activity_type_link"
# Minutes until a link that could not be set up is set up again, by failures in a row.
PAUSES = (5, 15, 60, 240, 720)
# With these nothing is left to be repaired.
SETTLED = ("waiting", "working", "withdrawn", "delegated")
BLAMED = "the link that the job failed of"


def later(failures=1):
    """Return when to try again what failed so many times in a row."""
    minutes = PAUSES[min(failures, len(PAUSES)) - 1]
    return fields.Datetime.add(fields.Datetime.now(), minutes=minutes)


class ClouderLinkMixin(models.AbstractModel):
    _inherit = "clouder.link.mixin"

    failures = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        export_string_translation=False,
    )
    next_try = fields.Datetime(
        readonly=True, copy=False, export_string_translation=False
    )
    # The last try to set it up failed: that a look finds nothing wrong is not enough.
    incomplete = fields.Boolean(
        readonly=True, copy=False, export_string_translation=False
    )
    activity_id = fields.Many2one(
        "mail.activity",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
    )

    def _note(self, state, reason=False, probed=False):
        """Write the state of the link, where it differs; tell the manager what is new."""
        values = {"state": state, "reason": reason}
        if state in SETTLED:
            values |= {"failures": 0, "next_try": False, "incomplete": False}
        changed = {name: new for name, new in values.items() if self[name] != new}
        if probed:
            changed["probed_at"] = fields.Datetime.now()
        if changed:
            self.write(changed)
        if reason:
            self.env["clouder.job"]._log(f"{self.code}: {reason}", "warning")
        if changed.keys() & {"state", "reason"}:
            self._tell_manager()

    def _note_broken(self, reason):
        """Note that a look showed this link broken; a while later it is set up again."""
        if self.state != "broken":
            self.next_try = later()
        self._note("broken", reason, probed=True)

    def _note_failed(self, reason, incomplete=True):
        """Note that this link could not be set up; an optional one is tried again.

        :param bool incomplete: not even both sides are set up
        """
        failures = self.failures + 1
        self.write(
            {
                "failures": failures,
                "next_try": later(failures),
                "incomplete": incomplete and not self.required,
            }
        )
        self._note("broken", reason, probed=True)

    def _tell_manager(self):
        """Give the manager one thing to do until this link works again.

        While it is set up anew, that stays; somebody who said done is not asked again.
        """
        activity, owner = self.activity_id, self._owner()
        if self.state == "broken":
            if not activity:
                self.activity_id = owner.activity_schedule(
                    ACTIVITY,
                    summary=self.code,
                    note=self.reason,
                    user_id=owner._manager().id,
                )
            elif activity.active:
                activity.note = self.reason
        elif activity and self.state != "deploying":
            self.activity_id = False
            activity.filtered("active").unlink()

    def _owner_stays(self):
        """Tell whether the owner of this link is there, and meant to keep its links."""
        owner = self._owner()
        return owner.wanted in self._owner_states and bool(owner.deployed_at)

    def _blame(self, error):
        """Remember, until the running job has ended, that ``error`` is of this link.

        What the step notes itself is taken back with its transaction.
        """
        job_log = job_context.current()
        if job_log is not None:
            job_log.known[BLAMED] = (self._name, self.id, job_log.mask(str(error)))


class ClouderHostedMixin(models.AbstractModel):
    """A service or base whose job failed because of a link that it cannot do without."""

    _inherit = "clouder.hosted.mixin"

    def _note_not_done(self, job):
        result = super()._note_not_done(job)
        job_log = job_context.current()
        blamed = job_log and job_log.known.get(BLAMED)
        if blamed and job.state == "failed":
            model, link_id, reason = blamed
            link = self.env[model].browse(link_id).exists()
            # What still has to be withdrawn stays so; without a target it waits.
            if reason == job.error and link.state != "withdrawing":
                state = "broken" if link.target else "waiting"
                link._note(state, reason, probed=bool(link.target))
        return result
