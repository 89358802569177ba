from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import names
from .job import ACTIVE_STATES
from .job_gather import MANY
from .job_wait import WaitForJob


def _deploy_service(job):
    """Queue the deployment of the service that the base of ``job`` needs."""
    service = job._record().service_id
    if service._busy_jobs():
        return
    awaited = service._enqueue("deploy", needed=True)
    service._job_records().write({"wanted": "running"})
    job.awaited_job_id = awaited


class ClouderBase(models.Model):
    """What the steps of a job do with a base."""

    _inherit = "clouder.base"

    def _driver(self):
        return self.env["clouder.driver"]._get(self.type_id.driver)

    def _runner(self):
        """Return the runner of the node where the base lives."""
        return self.service_id._runner()

    def _job_node(self):
        return self.service_id.node_id

    def _databases(self):
        """Return the names of the databases of the base.

        :return: dict of suffix (``""`` for a type with a single database) to name
        """
        self.ensure_one()
        return names.database_names(self.fulldomain, self.type_id._database_suffixes())

    def _database(self):
        """Return the name of the base's (first) database."""
        return next(iter(self._databases().values()))

    def _database_link(self):
        """Return the link of the base's service to the service that keeps databases."""
        services = self.service_id._exec_service() | self.service_id
        return services.link_ids.filtered(
            lambda link: "database" in link.target._tags()
        )[:1]

    def _database_service(self):
        """Return the service that keeps the databases of the base; may be empty."""
        target = self._database_link().target
        return target and target._exec_service()

    def _database_owner(self):
        """Return the role that owns the databases of the base."""
        owner = self._database_link()._facts().get("user")
        if not owner:
            raise UserError(
                self.env._(
                    "Service %s has no role of its own at its database server: deploy it "
                    "again.",
                    self.service_id.name,
                )
            )
        return owner

    def _public_url(self):
        """Return the address that people open, with the port that the proxy publishes."""
        self.ensure_one()
        ports = self._proxy_ports()
        secure = self.ssl_only
        scheme = "https" if secure else "http"
        port = ports.get(scheme, 0)
        usual = 443 if secure else 80
        suffix = f":{port}" if port and port != usual else ""
        return f"{scheme}://{self.fulldomain or ''}{suffix}"

    def _proxy_ports(self):
        """Return the ports that the base's proxy publishes: name to number."""
        # sudo: the port of a shared proxy is part of the address that everybody sees
        proxy = (
            self.sudo()
            .link_ids.filtered(lambda link: "proxy" in link.target._tags())
            .target[:1]
        )
        return {port.name: port.hostport for port in proxy.port_ids}

    def _ensure_service(self):
        """Let the job go on when the service runs; else have it deployed and wait.

        :raise WaitForJob: the service is being deployed
        :raise UserError: its deployment failed
        """
        service = self.service_id
        if service.state == "running":
            return
        if busy := service._busy_jobs():
            self._wait_for_service(busy[0])
        own = self.active_job_id
        if own.awaited_job_id and own.awaited_job_id.state not in ACTIVE_STATES:
            raise UserError(
                self.env._(
                    "Service %(service)s does not run: %(reason)s",
                    service=service.name,
                    reason=service.error or service.state,
                )
            )
        if service.state == "stopped":
            raise UserError(
                self.env._("Service %s is stopped: start it first.", service.name)
            )
        raise WaitForJob(
            self.env._("Waits for service %s, which is deployed first.", service.name),
            first=_deploy_service,
        )

    def _wait_for_service(self, job):
        """Let the running job go on when ``job``, which works on the service, has ended.

        A deployment of the service is noted: should it fail, so does whoever waited for
        it, and does not ask for another one. If it is upkeep, it no longer comes last.

        :raise WaitForJob: always
        """
        deploys = job.action == "deploy" and self.service_id._is_covered(job)

        def first(waiting):
            if deploys:
                waiting.awaited_job_id = job.id
            if not waiting.upkeep:
                job.with_env(waiting.env)._hasten()

        raise WaitForJob(
            self.env._(
                "Waits for service %s, which is being deployed.", self.service_id.name
            ),
            first=first,
            job=job,
        )

    def _deploy_links(self):
        """Set up the links of the base, required ones first."""
        self.link_ids._deploy_all()

    def _abort_hooks(self, job):
        """Take away what a first deployment that failed left: nothing of it was used."""
        if self._may_still_serve(job):
            return ("base_look",)
        if job.action != "deploy" or self.deployed_at:
            return ()
        return ("base_withdraw", "base_publish", "base_purge", "base_drop_database")

    def _note_remains(self):
        self.remains = not self.deployed_at
        return super()._note_remains()

    def _hook_locks(self, hook):
        locks = super()._hook_locks(hook)
        return (
            [*locks, *self.link_ids._publish_locks()]
            if hook == "base_publish"
            else locks
        )

    def _hook_gathers(self, hook):
        if hook != "base_publish":
            return super()._hook_gathers(hook)
        waiting = [("res_model", "=", self._name), ("state", "=", "pending")]
        # sudo: only counted: the queue is everybody's
        jobs = self.env["clouder.job"].sudo()
        return jobs.search_count(waiting, limit=MANY) >= MANY

    @api.ondelete(at_uninstall=False)
    def _unlink_except_remembered(self):
        """Keep a base as long as something of it is left at a target of its links."""
        for base in self:
            left = base.link_ids.filtered(lambda link: link.state == "withdrawing")
            if left:
                raise UserError(
                    self.env._(
                        "%(base)s is gone, but %(targets)s still has to be told: that is "
                        "done when it can be reached. Delete the base after that.",
                        base=base.fulldomain,
                        targets=", ".join(left.target.mapped("name")),
                    )
                )

    def _forget_deployment(self, action):
        result = super()._forget_deployment(action)
        self._note_code(False)
        self.remains = False
        return result

    def _note_code(self, digest, state=None):
        """Note which code the databases were brought to.

        :param str digest: digest of the code
        :param dict state: what the driver wants to find again (JSON)
        """
        self.write({"code_digest": digest, "driver_state": state or {}})

    def _seen(self, text):
        """Note what the base answered when it was looked at."""
        self.write({"observed": text, "observed_at": fields.Datetime.now()})
