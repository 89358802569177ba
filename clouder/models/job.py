import contextlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..lib.errors import ConditionTimeout
from ..lib.wait import wait_for
from . import job_context

ACTIVE_STATES = ("pending", "running", "retrying")
ENDED_STATES = ("done", "failed", "cancelled")
WAIT_LIMIT = 120


class ClouderJob(models.Model):
    """A piece of work on one record: ordered steps, a live log and an outcome."""

    _name = "clouder.job"
    _inherit = ["bus.listener.mixin"]
    _description = "Job"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    action = fields.Char(required=True, readonly=True, index=True)
    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record",
        model_field="res_model",
        required=True,
        readonly=True,
        index=True,
    )
    # The top of the tree on which there is one job at a time.
    root_id = fields.Integer(
        compute="_compute_root_id",
        store=True,
        precompute=True,
        aggregator=None,
        export_string_translation=False,
    )
    node_id = fields.Many2one("clouder.node", ondelete="set null", index=True)
    environment_id = fields.Many2one(
        "clouder.environment", ondelete="set null", index=True
    )
    user_id = fields.Many2one(
        "res.users", string="Asked by", default=lambda self: self.env.uid, index=True
    )
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("running", "Running"),
            ("retrying", "Trying again"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="pending",
        required=True,
        index=True,
        group_expand=True,
    )
    progress = fields.Integer(help="Share of the steps that are done, in per cent.")
    current_step = fields.Char()
    step_ids = fields.One2many("clouder.job.step", "job_id")
    line_ids = fields.One2many("clouder.job.line", "job_id", string="Log")
    error = fields.Char(help="Why the job failed, in one sentence.")
    error_detail = fields.Text(
        help="The end of what the failed command printed, or where the server's log "
        "says more.",
    )
    attempts = fields.Integer()
    next_try = fields.Datetime(string="Next try at")
    awaited_job_id = fields.Many2one(
        "clouder.job", ondelete="set null", index="btree_not_null"
    )
    started_at = fields.Datetime()
    ended_at = fields.Datetime()
    duration = fields.Float(
        compute="_compute_duration",
        store=True,
        aggregator="avg",
        help="Seconds from the first start to the end.",
    )
    # What the records were before the job: id to state, wanted and to_apply.
    former = fields.Json(
        export_string_translation=False,
    )
    # The job failed, and what was there before works as it did.
    still_serves = fields.Boolean(
        export_string_translation=False,
    )
    queue_uuid = fields.Char(groups="base.group_system")
    cancel_requested = fields.Boolean()

    _one_active = models.UniqueIndex(
        "(res_model, root_id) WHERE state IN ('pending', 'running', 'retrying')",
        "This record, or another one of its tree, already has an active job.",
    )
    _record_idx = models.Index("(res_model, res_id, id DESC)")

    @api.depends("res_model", "res_id")
    def _compute_root_id(self):
        for job in self:
            record = job._record()
            job.root_id = record._job_root().id if record else job.res_id

    @api.depends("started_at", "ended_at")
    def _compute_duration(self):
        for job in self:
            ended = job.started_at and job.ended_at
            job.duration = (
                (job.ended_at - job.started_at).total_seconds() if ended else 0
            )

    def _record(self):
        """Return the record of this job; empty when it was deleted."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).exists()

    @api.model
    @api.private
    def _log(self, text, level="info"):
        """Add ``text`` to the log of the running job; nothing happens outside jobs."""
        job_log = job_context.current()
        if job_log is not None:
            job_log.write(text, level)

    @api.model
    @api.private
    def _check_cancelled(self):
        """Raise JobCancelled when the running job was cancelled."""
        job_log = job_context.current()
        if job_log is not None:
            job_log.check_cancelled()

    def _notify(self):
        """Tell the browsers that look at these jobs that something is new."""
        for job in self:
            job._bus_send(
                "clouder.job/changed",
                {
                    "id": job.id,
                    "state": job.state,
                    "progress": job.progress,
                    "current_step": job.current_step or "",
                },
            )

    def log(self, offset=0, limit=1000):
        """Return the log lines of this job that came after line id ``offset``.

        :param int offset: id of the last line already seen, 0 for the start
        :param int limit: at most so many lines
        :return: list of ``{"id", "time", "level", "step", "text"}``
        """
        self.ensure_one()
        self.check_access("read")
        lines = self.env["clouder.job.line"].search(
            [("job_id", "=", self.id), ("id", ">", offset)], limit=min(limit, 5000)
        )
        return [
            {
                "id": line.id,
                "time": fields.Datetime.to_string(line.create_date),
                "level": line.level,
                "step": line.step_id.name or "",
                "text": line.text,
            }
            for line in lines
        ]

    def status(self):
        """Return what a script wants to know of this job.

        :return: ``{"id", "state", "progress", "step", "error", "detail"}``
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "id": self.id,
            "state": self.state,
            "progress": self.progress,
            "step": self.current_step or "",
            "error": self.error or "",
            "detail": self.error_detail or "",
        }

    def wait(self, timeout=60):
        """Wait until this job has ended.

        :param float timeout: seconds to wait at most; 120 is the longest
        :return: as :meth:`status`; a job that goes on is told by its state, not by an error
        """
        self.ensure_one()
        self.check_access("read")
        deadline = max(0, min(float(timeout), WAIT_LIMIT))

        def look():
            # Seen often, so it costs one query and nothing else.
            with self.env.registry.cursor() as cr:
                cr.execute(SQL("SELECT state FROM clouder_job WHERE id = %s", self.id))
                state = (cr.fetchone() or ["deleted"])[0]
            return state not in ACTIVE_STATES, state

        with contextlib.suppress(ConditionTimeout):
            # The pauses stay short beside what was waited already, and many may wait.
            wait_for(
                f"the end of job {self.id}", look, deadline, factor=1.03, max_pause=0.5
            )
        with self.env.registry.cursor() as cr:
            return self.with_env(self.env(cr=cr)).status()

    def _check_may_steer(self):
        """Raise AccessError unless the user may write on the record of these jobs."""
        for job in self:
            record = job.with_user(self.env.user)._record()
            if not record:
                raise AccessError(
                    self.env._("The record of job %s no longer exists.", job.id)
                )
            record.check_access("write")

    def cancel(self):
        """Cancel these jobs: waiting ones at once, running ones after the current step.

        One that nobody works on any more, as its worker was killed, ends at once, too.

        :return: True
        :raise UserError: a job has ended already
        """
        self.check_access("read")
        self._check_may_steer()
        # sudo: checked above; jobs are written by Clouder alone
        for job in self.sudo():
            if job.state in ENDED_STATES:
                raise UserError(
                    self.env._(
                        "Job %s has ended already: there is nothing to cancel.", job.id
                    )
                )
            job.cancel_requested = True
            if job.state in ("pending", "retrying") or not job._has_worker():
                job._queue_cancel()
                job._end_surely("cancelled", self._cancelled_sentence())
        return True

    def _cancelled_sentence(self):
        return self.env._("Cancelled by %s.", self.env.user.name)

    def retry(self):
        """Ask for the same action again, with all the checks of a first request.

        :return: the id of the new job (int)
        :raise UserError: it did not fail, or something else was asked for since
        """
        self.ensure_one()
        self.check_access("read")
        self._check_may_steer()
        if self.state not in ("failed", "cancelled"):
            raise UserError(
                self.env._("Job %s did not fail: there is nothing to retry.", self.id)
            )
        record = self._record()
        # sudo: only counted; a job of the record may be one the user cannot see
        newer = self.sudo().search_count(
            [
                ("res_model", "=", self.res_model),
                ("res_id", "=", self.res_id),
                ("id", ">", self.id),
            ],
            limit=1,
        )
        if newer:
            raise UserError(
                self.env._(
                    "Job %(job)s is not the last one of %(record)s: look how it is now, "
                    "and ask for what it needs.",
                    job=self.id,
                    record=record.display_name,
                )
            )
        return record._ask_again(self.action)

    def action_cancel(self):
        self.cancel()
        return True

    def action_retry(self):
        job = self.browse(self.retry())
        return job._get_records_action()

    def action_open_record(self):
        """Open the record that this job works on."""
        self.ensure_one()
        return self._record()._get_records_action()

    def _end(self, state, error=False, detail=False, tell=True):
        """Write the outcome of this job and tell its record.

        :param bool tell: without, only the job itself ends
        """
        self.ensure_one()
        self.write(
            {
                "state": state,
                "error": error,
                "error_detail": detail,
                "ended_at": fields.Datetime.now(),
                "next_try": False,
                **({"progress": 100, "current_step": False} if state == "done" else {}),
            }
        )
        self.step_ids.filtered(lambda step: step.state == "running").write(
            {"state": "failed", "error": error, "ended_at": fields.Datetime.now()}
        )
        if tell and (record := self._record()):
            record._job_ended(self)
        self._notify()

    @api.autovacuum
    def _gc_jobs(self):
        """Drop ended jobs after the time kept in the settings (90 days)."""
        # sudo: a system parameter of the settings
        days = int(
            self.env["ir.config_parameter"].sudo().get_param("clouder.job_days", 90)
        )
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=days)
        # sudo: the vacuum of Odoo works for all users
        old = self.sudo().search(
            [("ended_at", "<", limit), ("state", "in", ENDED_STATES)], limit=1000
        )
        old.unlink()
        return len(old), len(old) == 1000
