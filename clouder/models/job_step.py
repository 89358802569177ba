from odoo import fields, models
from odoo.tools import SQL, config

from ..lib.errors import ClouderError
from ..lib.limits import STEP_S

# So often a step is begun again after the server was stopped in it.
KILLS = 5


class ServerStopped(ClouderError):
    """The server was stopped in a step again and again: it would go on for ever."""


class ClouderJobStep(models.Model):
    """One idempotent step of a job: a hook of a driver on one record."""

    _name = "clouder.job.step"
    _description = "Job Step"
    _order = "job_id, sequence, id"

    job_id = fields.Many2one(
        "clouder.job", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(required=True)
    name = fields.Char(required=True)
    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True
    )
    hook = fields.Char(required=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        default="pending",
        required=True,
    )
    started_at = fields.Datetime()
    ended_at = fields.Datetime()
    duration = fields.Float(help="Seconds that the last try of this step took.")
    error = fields.Char()
    # How often the server was stopped in it.
    killed = fields.Integer(export_string_translation=False)

    def _record(self):
        """Return the record this step works on; empty when it was deleted."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).exists()

    def _note_started(self):
        """Note that this step runs, on its job too.

        Each step of each job passes here: plain SQL takes a quarter of the time.
        """
        self.ensure_one()
        self._execute(
            SQL(
                """
                WITH step AS (
                    UPDATE clouder_job_step
                       SET state = 'running', started_at = %(now)s, error = NULL
                     WHERE id = %(step)s RETURNING job_id, name)
                UPDATE clouder_job SET current_step = step.name, error = NULL
                  FROM step WHERE clouder_job.id = step.job_id
                """,
                now=fields.Datetime.now(),
                step=self.id,
            )
        )

    def _note_killed(self):
        """Note that the server was stopped while one of these steps ran."""
        for step in self.filtered(lambda one: one.state == "running"):
            step.killed += 1

    def _check_killed(self):
        """Raise ServerStopped when the server was stopped in this step too often."""
        self.ensure_one()
        if self.killed < KILLS:
            return
        raise ServerStopped(
            self.env._(
                "The server was stopped %(count)s times while this step ran: %(step)s.",
                count=self.killed,
                step=self.name,
            ),
            self.env._(
                "Its log says why, e.g. that limit_time_real of Odoo's configuration "
                "(now %(limit)s seconds; a step may take %(needed)s) or a limit of "
                "memory was reached. Mend that, restart the server and retry.",
                limit=config["limit_time_real"],
                needed=STEP_S,
            ),
        )

    def _note_done(self, ended_at, duration):
        """Note that this step did its work, and how far its job is now."""
        self.ensure_one()
        self._execute(
            SQL(
                """
                WITH step AS (
                    UPDATE clouder_job_step
                       SET state = 'done', ended_at = %(ended)s, duration = %(duration)s
                     WHERE id = %(step)s RETURNING job_id)
                UPDATE clouder_job SET progress = (
                    SELECT 100 * count(*) FILTER (WHERE one.state = 'done'
                                                     OR one.id = %(step)s) / count(*)
                      FROM clouder_job_step one WHERE one.job_id = step.job_id)
                  FROM step WHERE clouder_job.id = step.job_id
                """,
                ended=ended_at,
                duration=duration,
                step=self.id,
            )
        )

    def _execute(self, query):
        """Change steps and jobs by SQL; the records at hand read them anew."""
        self.env.flush_all()
        self.env.cr.execute(query)
        self.invalidate_model(["state", "started_at", "ended_at", "duration", "error"])
        self.job_id.invalidate_model(["current_step", "error", "progress"])
