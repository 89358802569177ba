"""Setting links up: in which order, and what happens on both sides."""

import graphlib
import json

from odoo import models
from odoo.exceptions import UserError

from ..lib.errors import ClouderError, JobCancelled
from . import job_context
from .job import ACTIVE_STATES
from .job_wait import WaitForJob


class ClouderLinkMixin(models.AbstractModel):
    _inherit = "clouder.link.mixin"

    def _choose_targets(self):
        """Point the links without target where their application's link suggests."""
        for link in self.filtered(lambda one: not one.target):
            if link.application_link_id:
                link.target = link._owner()._choose_target(link.application_link_id)

    def _in_order(self):
        """Return these links of one owner, each after those it builds on.

        Of links that do not depend on each other, required ones come first.

        :raise UserError: they wait for each other in a circle; it is named
        """
        graph = {
            link: (link.target._driver().link_after(link) & self) - link
            for link in self
            if link.target
        }
        sorter = graphlib.TopologicalSorter(graph)
        try:
            sorter.prepare()
        except graphlib.CycleError as error:
            raise UserError(
                self.env._(
                    "The links of %(owner)s wait for each other: %(circle)s.",
                    owner=self[:1]._owner().display_name,
                    circle=" → ".join(link.code for link in error.args[1]),
                )
            ) from error
        ordered = self.filtered(lambda link: not link.target)
        while sorter.is_active():
            ready = sorter.get_ready()
            for link in sorted(ready, key=lambda one: (not one.required, one.id)):
                ordered |= link
            sorter.done(*ready)
        return ordered

    def _followers(self):
        """Return the links of the same owner that build on this one."""
        self.ensure_one()
        return self._siblings().filtered(
            lambda link: self in link.target._driver().link_after(link)
        )

    def _deploy_all(self):
        """Set up these links; an optional one that fails is shown, and tried again later.

        :raise ClouderError: one that is required fails
        """
        for link in self.filtered(lambda one: not one.off)._in_order():
            try:
                link._deploy()
            except (JobCancelled, WaitForJob):
                raise
            except (ClouderError, UserError) as error:
                link._take_failure(error)

    def _take_failure(self, error):
        """Note on an optional link that it could not be set up.

        :raise ClouderError: ``error``, when this link is required
        """
        if self.required:
            self._blame(error)
            raise error
        self._note_failed(str(error))

    def _deploy(self):
        """Set up this link: the target makes its side ready, the owner uses it."""
        self.ensure_one()
        if not self._target_is_there():
            return
        if self.make_link:
            self._join_networks()
        facts = self.target._driver().link_provide(self) or {}
        text = json.dumps(facts, sort_keys=True)
        if text != (self._secret("facts") or ""):
            self.facts = text
        self._owner()._driver().link_consume(self, facts)
        if self.incomplete:
            self.incomplete = False
        if self.state != "working":
            self._note("deploying")

    def _target_is_there(self):
        """Tell whether there is a target that can be asked; note what is waited for.

        :raise WaitForJob: the target is being deployed for the first time
        :raise UserError: the link is required, and there is no target to ask
        """
        target = self.target
        if target._can_be_asked() or (
            target and target._root() == self._consumer()._root()
        ):
            return True
        job = target._root().active_job_id or target.active_job_id
        if job.action == "deploy":
            self._wait_for(job)
        reason = self._missing_reason()
        if self.required:
            raise UserError(reason)
        self._note("waiting", reason)
        return False

    def _missing_reason(self):
        names = {
            "owner": self._owner().display_name,
            "code": self.code,
            "target": self.target.name,
        }
        if not self.target:
            return self.env._(
                "%(owner)s needs a link to %(code)s, but no such service is chosen: "
                "deploy one and choose it.",
                **names,
            )
        if self.target.state == "stopped":
            return self.env._(
                "%(owner)s is linked to %(target)s, which is stopped: start it.",
                **names,
            )
        return self.env._(
            "%(owner)s is linked to %(target)s, which is not deployed: deploy it.",
            **names,
        )

    def _wait_for(self, job):
        """Let the running job go on when ``job``, of the target, has ended.

        :raise WaitForJob: always, but when both would wait for each other
        :raise UserError: ``job`` waits for the running one
        """
        running = job_context.current()
        awaited = job
        while running and awaited:
            if awaited.id == running.job_id:
                raise UserError(
                    self.env._(
                        "%(owner)s and %(target)s are linked to each other, and each "
                        "deployment waits for the other one: deploy them one by one.",
                        owner=self._owner().display_name,
                        target=self.target.name,
                    )
                )
            awaited = awaited.state in ACTIVE_STATES and awaited.awaited_job_id
        job_id = job.id
        raise WaitForJob(
            self.env._("Waits for %s, which is being deployed.", self.target.name),
            first=lambda waiting: waiting.write({"awaited_job_id": job_id}),
        )

    def _join_networks(self):
        """Let the target be reached in the network of the consumer's environment.

        That of a base is the one of its service: nobody is in a network of the base's own.
        """
        environment = self._consumer().environment_id
        target = self.target._exec_service()
        if target.environment_id != environment:
            target._runner().network_join(target, environment, [target.name])

    def _publish_all(self):
        """Have the targets serve what these links registered or took back.

        One that could not be set up has nothing new.
        """
        for link in self.filtered(lambda one: one._is_published()):
            if link.incomplete and link.state == "broken":
                continue
            try:
                link.target._driver().link_publish(link)
            except JobCancelled:
                raise
            except (ClouderError, UserError) as error:
                if link.state in ("withdrawn", "withdrawing"):
                    link._note("withdrawing", str(error))
                else:
                    link._take_failure(error)
            else:
                if link.state == "withdrawing":
                    link._note("withdrawn")

    def _is_published(self):
        """Tell whether this link registered or took back something in the records.

        Such a link becomes effective when its target's driver publishes it
        (``link_publish``), in a step of its own, under a lock of the target.
        """
        self.ensure_one()
        return False

    def _deploy_alone(self):
        """Set up this link and, after it, those of its owner that build on it.

        Not when the owner was purged, or a service stopped, or the link withdrawn, meanwhile.
        """
        if self.off or not self._owner_stays():
            owner = self._owner().display_name
            self.env["clouder.job"]._log(
                self.env._("%s is not in use any more: nothing is set up.", owner)
            )
            return
        self._deploy()
        self._followers()._deploy_all()
