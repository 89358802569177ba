from odoo import api, fields, models
from odoo.exceptions import UserError

from . import job_context
from .job_queue import QueueFull

STATES = [
    ("draft", "Draft"),
    ("deploying", "Deploying"),
    ("running", "Running"),
    ("stopped", "Stopped"),
    ("failed", "Failed"),
    ("purged", "Purged"),
]
OUTCOMES = {
    "deploy": "running",
    "update": "running",
    "reset": "running",
    "start": "running",
    "restart": "running",
    "stop": "stopped",
    "suspend": "suspended",
    "resume": "running",
    "purge": "purged",
    "purge_data": "purged",
}
CHANGES = ("deploy", "update", "reset", "start", "restart", "resume")


class ClouderHostedMixin(models.AbstractModel):
    """What services and bases share: what is wanted, what is seen, what was asked.

    ``state`` is where the record stands, ``wanted`` what people asked for, and
    ``observed`` what the node showed when it was last looked at.
    """

    _name = "clouder.hosted.mixin"
    _inherit = [
        "clouder.derived.mixin",
        "clouder.reference.mixin",
        "clouder.job.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Hosted Record"

    state = fields.Selection(
        STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    wanted = fields.Selection(
        [
            ("draft", "Nothing yet"),
            ("running", "Running"),
            ("stopped", "Stopped"),
            ("purged", "Purged"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    observed = fields.Char(
        readonly=True, copy=False, help="What the node showed when last looked at."
    )
    observed_at = fields.Datetime(string="Seen at", readonly=True, copy=False)
    deployed_at = fields.Datetime(
        string="Running since",
        readonly=True,
        copy=False,
        help="First success since it was last purged.",
    )
    error = fields.Char(
        string="What is wrong", readonly=True, copy=False, help="In one sentence."
    )
    error_detail = fields.Text(
        readonly=True,
        copy=False,
        help="The end of what the failed command printed, or where the server's log "
        "says more.",
    )
    to_apply = fields.Boolean(
        string="To apply",
        readonly=True,
        copy=False,
        help="Settings were changed since the last deployment.",
    )
    public = fields.Boolean(help="Every user of Clouder may use it.")

    def _manager(self):
        """Return the user who looks after this record: its environment's manager.

        A customer is told otherwise: he cannot see what is in the backend.
        """
        # sudo: whoever works with the record may not see all its people; one of the house is returned
        environment = self.environment_id.sudo()
        people = environment.partner_id.user_ids | environment.user_ids
        staff = people.filtered(lambda user: not user.share)
        return staff[:1] or self.env.ref("base.user_admin")

    def _job_environment(self):
        return self.environment_id

    def _job_started(self, job):
        values = {"error": False, "error_detail": False}
        if job.action in CHANGES:
            values["state"] = "deploying"
            # What changes while it is put off may belong to a step that is done.
            if "done" not in job.step_ids.mapped("state"):
                values["to_apply"] = False
        self._job_records().write(values)

    def _job_retrying(self, job):
        self.error = job.error

    def _job_ended(self, job):
        records = self._job_records()
        if job.state == "done":
            state = OUTCOMES.get(job.action)
            values = {"error": False, "error_detail": False}
            records.write(values | ({"state": state} if state else {}))
            if state == "purged":
                records._forget_deployment(job.action)
                records._links_lost()
            if state == "running":
                records.filtered(lambda one: not one.deployed_at).write(
                    {"deployed_at": fields.Datetime.now()}
                )
                records._links_found()
            records._note_done(job)
            return
        self._note_not_done(job)

    def _links_found(self):
        """Take note that these records can be asked again."""

    def _links_lost(self):
        """Take note that these records are gone."""

    def _successor(self):
        """Return the record that took the place of this one, which is gone; or none."""
        return self.browse()

    def _job_records(self):
        """Return the records whose state a job of this record decides."""
        return self

    def _request(self, action, wanted=None):
        """Queue ``action`` for each record.

        :return: the job's id for one record, a list of ids for several
        """
        self.check_access("write")
        jobs = []
        for record in self:
            # sudo: checked above; jobs are written by Clouder alone
            job = record.sudo()._enqueue(action)
            if wanted:
                # sudo: checked above; the field is Clouder's own
                record.sudo()._job_records().write({"wanted": wanted})
            jobs.append(job.id)
        return jobs[0] if len(jobs) == 1 else jobs

    def deploy(self):
        """Bring these records to what they say: create or change only what differs.

        :return: the id of the job (int), a list of ids for several records
        :raise UserError: a record is busy with another action, or the queue is full
        """
        return self._request("deploy", "running")

    def upgrade(self):
        """Bring these records to the newest code, by their update strategy.

        (Odoo has a method ``update`` of its own, which cannot be called remotely.)

        :return: the id of the job, as :meth:`deploy`
        :raise UserError: a record is not deployed, or busy with another action
        """
        self._check_deployed()
        return self._request("update")

    def stop(self):
        """Stop these records; their data stays.

        :return: the id of the job, as :meth:`deploy`
        :raise UserError: a record is not deployed, or busy with another action
        """
        self._check_deployed()
        return self._request("stop", "stopped")

    def start(self):
        """Start these records again.

        :return: the id of the job, as :meth:`deploy`
        :raise UserError: a record is not deployed, or busy with another action
        """
        self._check_deployed()
        return self._request("start", "running")

    def restart(self):
        """Stop and start these records.

        :return: the id of the job, as :meth:`deploy`
        :raise UserError: a record is not deployed, or busy with another action
        """
        self._check_deployed()
        return self._request("restart", "running")

    @api.model
    def _requests(self):
        """Return the public methods that ask for each action, by its name."""
        model = type(self)
        return {
            "deploy": model.deploy,
            "update": model.upgrade,
            "purge": model.purge,
            "stop": model.stop,
            "start": model.start,
            "restart": model.restart,
        }

    def _ask_again(self, action):
        request = self._requests().get(action)
        return request(self) if request else super()._ask_again(action)

    def _check_deployed(self):
        for record in self:
            if record.state in ("draft", "purged"):
                raise UserError(
                    self.env._(
                        "%(record)s is not deployed (%(state)s): deploy it first.",
                        record=record.display_name,
                        state=record.state,
                    )
                )

    def _deploy_new(self):
        """Queue the deployment of new records; a full queue leaves them failed, not lost."""
        if self.env.context.get("clouder_no_deploy"):
            return
        for record in self:
            try:
                record._request("deploy", "running")
            except QueueFull as error:
                # sudo: a record just created by the user; the fields are Clouder's own
                record.sudo().write(
                    {"state": "failed", "error": str(error), "wanted": "running"}
                )

    def _mark_to_apply(self):
        """Note that the settings of deployed records changed.

        What a job itself writes, it applies itself.
        """
        if job_context.current() is not None:
            return
        # sudo: the writer changed the record; the mark is Clouder's own
        stale = self.sudo().filtered(
            lambda one: one.state not in ("draft", "purged") and not one.to_apply
        )
        stale.write({"to_apply": True})

    @api.model
    def _apply_fields(self):
        """Return the names of the fields whose change must be applied by a deployment."""
        return set()

    def write(self, vals):
        changed = self._apply_fields() & set(vals)
        before = {one.id: one._apply_values(changed) for one in self} if changed else {}
        result = super().write(vals)
        for record in self.filtered(lambda one: one.id in before):
            if record._apply_values(changed) != before[record.id]:
                record._mark_to_apply()
        return result

    def _apply_values(self, names):
        return {name: self[name] for name in names}

    def apply(self):
        """Carry out the changes made since the last deployment.

        :return: the id of the job, as :meth:`deploy`
        :raise UserError: a record is busy with another action, or the queue is full
        """
        return self.deploy()

    def action_deploy(self):
        self.deploy()
        return True

    def action_apply(self):
        self.apply()
        return True

    def action_update(self):
        self.upgrade()
        return True

    def action_stop(self):
        self.stop()
        return True

    def action_start(self):
        self.start()
        return True

    def action_restart(self):
        self.restart()
        return True

    def action_purge(self):
        self.purge()
        return True

    def action_cancel(self):
        """Cancel the active job of these records."""
        self.active_job_id.cancel()
        return True
