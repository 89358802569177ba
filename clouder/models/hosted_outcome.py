from odoo import models

# What is there before these actions goes on working when they fail in time.
KEEPING = ("deploy", "update", "reset")
# Nobody reaches these; new code is brought to them all the same.
RESTING = ("stopped", "suspended")


class ClouderHostedMixin(models.AbstractModel):
    """What a service or a base is after a job that ended, well or not."""

    _inherit = "clouder.hosted.mixin"

    def _job_former(self):
        return {
            str(one.id): {
                "state": one.state,
                "wanted": one.wanted,
                "to_apply": one.to_apply,
            }
            for one in self._job_records()
        }

    def _note_done(self, job):
        """Note what else is so after ``job`` succeeded."""
        if job.action == "update":
            for state in RESTING:
                self.filtered(lambda one, state=state: one.wanted == state).write(
                    {"state": state}
                )

    def _forget_deployment(self, action):
        """Note that nothing of an earlier life runs any more, after ``action``.

        So a deployment that fails next is taken back like a first one.
        """
        self.write({"deployed_at": False, "to_apply": False})

    def _note_not_done(self, job):
        """Note what is so after ``job`` failed or was cancelled.

        ==============================  ======================================
        first deployment                failed
        no step of the job began        as before; what was wanted then, too,
                                        when somebody cancelled it
        deploy, update, reset failed,   as before, and still to apply
        and the former state works
        anything else                   failed
        ==============================  ======================================
        """
        untouched = all(step.state == "pending" for step in job.step_ids)
        for record in self._job_records():
            former = (job.former or {}).get(str(record.id))
            if former and record._is_as_before(job, former, untouched):
                record.write(self._restored_values(job, former, untouched))
            elif record == self or record.state in ("draft", "deploying"):
                record.state = "failed"
        self.write({"error": job.error, "error_detail": job.error_detail})

    def _is_as_before(self, job, former, untouched):
        """Tell whether this record is what it was before ``job``."""
        if not self.deployed_at and former["state"] in ("draft", "deploying"):
            return False
        if untouched:
            return True
        if not self.deployed_at or job.action not in KEEPING:
            return False
        resting = former["state"] in RESTING and job.action == "update"
        return job.still_serves or resting

    def _restored_values(self, job, former, untouched):
        """Return what is written on a record that is what it was before ``job``."""
        values = {"state": former["state"]}
        if not untouched:
            return values | {"to_apply": job.action != "reset" or self.to_apply}
        if job.state == "cancelled":
            values["wanted"] = former["wanted"]
        return values | {"to_apply": self.to_apply or former["to_apply"]}

    def _may_still_serve(self, job):
        """Tell whether it must be looked at what ``job``, which failed, left working."""
        former = (job.former or {}).get(str(self.id), {})
        return (
            bool(self.deployed_at)
            and job.action in KEEPING
            and former.get("state") == "running"
        )

    def _note_still_serves(self):
        """Note on the running job that what was there before works."""
        self._busy_jobs().write({"still_serves": True})
