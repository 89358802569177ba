import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .job import ACTIVE_STATES


class ClouderJobMixin(models.AbstractModel):
    """A record on which jobs work.

    A model says with ``_job_steps`` what an action consists of, and is told by
    ``_job_started``, ``_job_retrying`` and ``_job_ended`` how it goes.
    """

    _name = "clouder.job.mixin"
    _description = "Record with Jobs"

    job_ids = fields.One2many(
        "clouder.job",
        "res_id",
        string="Jobs",
        domain=lambda self: [("res_model", "=", self._name)],
        copy=False,
    )
    active_job_id = fields.Many2one("clouder.job", compute="_compute_jobs")
    last_job_id = fields.Many2one("clouder.job", compute="_compute_jobs")
    job_count = fields.Integer(compute="_compute_jobs")
    progress = fields.Integer(
        compute="_compute_jobs", help="Progress of the active job."
    )
    current_step = fields.Char(compute="_compute_jobs")

    def _compute_jobs(self):
        jobs = self.env["clouder.job"]
        groups = jobs._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)],
            ["res_id"],
            ["id:max", "__count"],
        )
        last = {res_id: (job_id, count) for res_id, job_id, count in groups}
        for record in self:
            job_id, count = last.get(record.id, (False, 0))
            job = jobs.browse(job_id or [])
            active = job if job.state in ACTIVE_STATES else jobs
            record.last_job_id = job
            record.active_job_id = active
            record.job_count = count
            record.progress = active.progress
            record.current_step = active.current_step

    def _enqueue(self, action, needed=False):
        """Make and queue the job that carries out ``action`` on this record.

        :param str action: e.g. ``deploy``
        :param bool needed: a running job cannot go on without it: it is taken even when
            the queue is full
        :return: the job (``clouder.job``, sudo); the active one when it does the same
        :raise UserError: the record, or another one of its tree, is busy with another
            action, or the queue is full
        """
        self.ensure_one()
        # sudo: callers check; jobs are written by Clouder alone
        jobs = self.env["clouder.job"].sudo()
        if active := self._busy_jobs():
            return self._join(active[0], action)
        if not needed:
            jobs._check_room(self._is_upkeep())
        values = self._job_values(action)
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                job = jobs.create(values)
        except psycopg2.errors.UniqueViolation:
            return self._join_newcomer(action)
        job._queue()
        return job

    def _is_upkeep(self):
        """Tell whether what is asked for now is upkeep, for which nobody waits."""
        return bool(self.env.context.get("clouder_upkeep"))

    def _ask_again(self, action):
        """Ask for ``action`` as its own public method does, checks included.

        :return: the id of the job (int)
        """
        self.check_access("write")
        # sudo: checked above; jobs are written by Clouder alone
        return self.sudo()._enqueue(action).id

    def _job_root(self):
        """Return the record that stands for all those on which one job works at a time."""
        return self

    def _busy_jobs(self):
        """Return the active jobs of these records and of the trees they belong to."""
        # sudo: a job of another record of the tree makes this one busy, too
        return (
            self.env["clouder.job"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("root_id", "in", [one._job_root().id for one in self.sudo()]),
                    ("state", "in", ACTIVE_STATES),
                ]
            )
        )

    def _is_covered(self, job):
        """Tell whether ``job``, of a record of the same tree, works on this one too."""
        return job.res_id == self.id

    def _join(self, active, action):
        """Return the job ``active`` when it does what is asked.

        :raise UserError: it does something else
        """
        if active.action == action and self._is_covered(active):
            if not self._is_upkeep():
                active._hasten()
            return active
        raise UserError(
            self.env._(
                "%(record)s is busy: job %(job)s (%(action)s) has not ended. "
                "Wait for it, or cancel it first.",
                record=self.display_name,
                job=active.id,
                action=active.action if active.res_id == self.id else active.name,
            )
        )

    def _join_newcomer(self, action):
        """Join the job that somebody else queued at the same moment.

        This transaction cannot see it: it is younger than the transaction.
        """
        with self.env.registry.cursor() as cr:
            record = self.with_env(self.env(cr=cr))
            if active := record._busy_jobs():
                # sudo: the job is returned as :meth:`_enqueue` returns it
                return (
                    self.env["clouder.job"]
                    .sudo()
                    .browse(record._join(active[0], action).id)
                )
        raise UserError(
            self.env._(
                "%s was busy with another job until this moment: ask again.",
                self.display_name,
            )
        )

    def _job_values(self, action):
        """Return the values of a job for ``action``, its steps included."""
        steps = self._job_steps(action)
        if not steps:
            raise UserError(
                self.env._(
                    "%(record)s knows no action “%(action)s”.",
                    record=self.display_name,
                    action=action,
                )
            )
        return {
            "name": f"{self._description} {self.display_name}: {action}",
            "action": action,
            "res_model": self._name,
            "res_id": self.id,
            "node_id": self._job_node().id,
            "environment_id": self._job_environment().id,
            "former": self._job_former(),
            "user_id": self.env.uid,
            "upkeep": self._is_upkeep(),
            "step_ids": [
                fields.Command.create(
                    {
                        "sequence": number,
                        "name": record._hook_title(hook),
                        "res_model": record._name,
                        "res_id": record.id,
                        "hook": hook,
                    }
                )
                for number, (record, hook) in enumerate(steps, start=1)
            ],
        }

    def _job_steps(self, action):
        """Return the steps of ``action``: a list of (record, hook name)."""
        return [(self, hook) for hook in self._driver()._phases_for(self, action)]

    def _run_hook(self, hook):
        """Call ``hook`` of this record's driver."""
        self.ensure_one()
        return getattr(self._driver(), hook)(self)

    def _hook_title(self, hook):
        return self._driver()._title(hook)

    def _hook_locks(self, hook):
        """Return the names of the advisory locks that ``hook`` needs besides the record's."""
        name = self._driver()._step_lock(self, hook)
        return [name] if name else []

    def _hook_turns(self, hook):
        """Return the locks for which a job gives its worker away instead of waiting.

        For what takes long and does not belong to one node only.

        :return: dict of a lock's name to what people read meanwhile
        """
        return {}

    def _hook_gathers(self, hook):
        """Tell whether ``hook`` waits a moment for other jobs, whose work it does along."""
        return False

    def _abort_hooks(self, job):
        """Return the hooks that clean up after ``job`` failed for good."""
        return ()

    def _note_remains(self):
        """Take note that a hook which cleans up failed: something is left somewhere."""

    def _driver(self):
        """Return the driver that knows how this record is treated."""
        raise NotImplementedError

    def _job_node(self):
        """Return the node that the jobs of this record keep busy."""
        return self.env["clouder.node"]

    def _job_environment(self):
        """Return the environment whose people may see the jobs of this record."""
        return self.env["clouder.environment"]

    def _job_former(self):
        """Return what must be known again should the job come to nothing (JSON)."""
        return {}

    def _job_attempts(self, job):
        """Return how often ``job`` is tried at most, or None for the usual number."""

    def _job_started(self, job):
        """Take note that ``job`` runs."""

    def _job_retrying(self, job):
        """Take note that ``job`` will be tried again."""

    def _job_ended(self, job):
        """Take note of the outcome of ``job``."""

    def action_open_jobs(self):
        """Open the jobs of this record."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clouder.clouder_job_action"
        )
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_except_busy(self):
        for record in self:
            if busy := record._busy_jobs():
                raise UserError(
                    self.env._(
                        "%(record)s cannot be deleted while job %(job)s works on it. "
                        "Wait for it, or cancel it first.",
                        record=record.display_name,
                        job=busy[0].id,
                    )
                )
