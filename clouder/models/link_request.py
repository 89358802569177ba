"""What people and scripts may ask of one link."""

from odoo import models
from odoo.exceptions import UserError

DEPLOY_ATTEMPTS = 3


class ClouderLinkMixin(models.AbstractModel):
    _inherit = "clouder.link.mixin"

    def deploy(self):
        """Set up these links, both sides, and what builds on them.

        :return: the id of the job (int), a list of ids for several links
        :raise UserError: the owner is not deployed, or no target is chosen
        """
        for link in self:
            if not link.target:
                raise UserError(link._missing_reason())
            if not link._owner().deployed_at:
                raise UserError(
                    self.env._(
                        "%s is not deployed: deploy it, and its links with it.",
                        link._owner().display_name,
                    )
                )
        return self._request("deploy", {"off": False})

    def probe(self):
        """Look now whether these links work.

        :return: the id of the job (int), a list of ids for several links
        :raise UserError: a link is busy with something else
        """
        return self._request("probe", {})

    def withdraw(self):
        """Undo these links; they stay undone until somebody deploys them.

        :return: the id of the job (int), a list of ids for several links
        :raise UserError: the owner cannot do without one of them
        """
        for link in self:
            if link.required and link._owner().wanted == "running":
                raise UserError(
                    self.env._(
                        "%(owner)s cannot do without its link to %(target)s: it is "
                        "required. Stop or purge %(owner)s instead.",
                        owner=link._owner().display_name,
                        target=link.target.name or link.code,
                    )
                )
        return self._request("withdraw", {"off": True})

    def _request(self, action, values):
        self.check_access("write")
        jobs = []
        # sudo: checked above; jobs and states are Clouder's own
        for link in self.sudo():
            jobs.append(link._enqueue(action).id)
            link.write(values)
        return jobs[0] if len(jobs) == 1 else jobs

    def action_deploy(self):
        self.deploy()
        return True

    def action_probe(self):
        self.probe()
        return True

    def action_withdraw(self):
        self.withdraw()
        return True

    def _driver(self):
        """Return the driver of the other side: it knows what this link is."""
        return (self.target or self._owner())._driver()

    def _job_node(self):
        return self.target.node_id or self._consumer().node_id

    def _job_environment(self):
        return self._owner().environment_id

    def _hook_locks(self, hook):
        owner = self._owner()
        locks = [*super()._hook_locks(hook), f"{owner._name},{owner.id}"]
        if hook == "link_serve":
            locks += (self | self._followers())._publish_locks()
        return locks

    def _publish_locks(self):
        """Return the names of the locks under which these links are published."""
        targets = self.filtered(lambda one: one._is_published()).target
        return [target._publish_lock() for target in targets]

    def _job_attempts(self, job):
        """Look once; set up an optional link a few times: the rest is for the cron."""
        if job.action == "probe":
            return 1
        return DEPLOY_ATTEMPTS if job.action == "deploy" and not self.required else None

    def _job_former(self):
        return {"off": self.off}

    def _job_ended(self, job):
        super()._job_ended(job)
        if job.state == "done":
            return
        # Who asked for a deployment that failed still wants it.
        wanted = (job.action, job.state) == ("deploy", "failed")
        if not wanted and job.step_ids[:1].state != "done":
            self._switch_back(job)
        if job.state == "failed" and job.action == "deploy" and self._owner_stays():
            steps = job.step_ids.filtered(lambda step: step.hook != "link_look")
            undone = any(step.state != "done" for step in steps)
            self._note_failed(job.error, self.incomplete or undone)
        if job.state == "failed" and job.action == "probe" and self._is_probed():
            self._note_broken(job.error)

    def _switch_back(self, job):
        """Have the switch as it was before ``job``, which came to nothing."""
        former = (job.former or {}).get("off", self.off)
        if self.off != former:
            self.off = former

    def _owner_root(self):
        """Return the record whose jobs work on the owner of this link."""
        owner = self._owner()
        return owner._root() if owner._name == "clouder.service" else owner
