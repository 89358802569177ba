from odoo import api, models

from ..lib import names

SHORTEST_SUFFIX = 8


class ClouderService(models.Model):
    """The tree: a service without container and its sub-services in order."""

    _inherit = "clouder.service"

    def _ancestors(self):
        """Return the services above this one, nearest first."""
        above, parent = self.browse(), self.parent_id
        while parent:
            above |= parent
            parent = parent.parent_id
        return above

    def _root(self):
        """Return the top of the tree of this service."""
        return self._ancestors()[-1:] or self

    def _children(self):
        """Return the sub-services in the order they are deployed."""
        return self.child_ids.sorted(lambda one: (one.sequence, one.id))

    def _tree(self):
        """Return these services and all below them, in the order they are deployed.

        Sub-services come before their parent: it is complete when they are.
        """
        tree = self.browse()
        for service in self:
            for child in service._children():
                tree |= child._tree()
            tree |= service
        return tree

    def _path_to(self, owner):
        """Return the services over which this one needs ``owner``; empty if it does not.

        A service needs the targets of its links, and its sub-services.
        """
        paths = {self: [self]}
        todo = [self]
        while todo:
            service = todo.pop()
            if service == owner:
                return paths[service]
            for needed in service.link_ids.target | service.child_ids:
                if needed not in paths:
                    paths[needed] = [*paths[service], needed]
                    todo.append(needed)
        return []

    def _form(self):
        """Return what the service is in Docker: process, volumes, files or none.

        Told by the tags of its application: ``exec`` runs; without it ``files`` is a
        volume for each version and ``data`` owns volumes. A service with sub-services,
        and a dummy, is nothing of its own.
        """
        self.ensure_one()
        application = self.application_id
        if application.dummy or application.child_ids:
            return "none"
        tags = application._tag_codes()
        if "exec" in tags:
            return "process"
        if "files" in tags:
            return "files"
        return "volumes" if "data" in tags else "process"

    def _tags(self):
        """Return the tag codes of the service's application (set); empty for no service."""
        return self.application_id._tag_codes() if self else set()

    def _exec_service(self):
        """Return the service whose container runs the commands meant for this one."""
        self.ensure_one()
        if self._form() == "process":
            return self
        processes = self._tree().filtered(lambda one: one._form() == "process")
        same_type = processes.filtered(lambda one: one.type_id == self.type_id)
        return (same_type or processes)[:1]

    def _siblings_with_tags(self, tags):
        """Return the sub-services beside this one whose application has one of ``tags``.

        :param tags: iterable of tag codes
        """
        wanted = set(tags)
        return (self.parent_id.child_ids - self).filtered(
            lambda one: one.application_id._tag_codes() & wanted
        )

    def _job_records(self):
        """Return the services that a job of this one works on, in the order of deployment.

        A sub-service that is not required is left alone until somebody deployed it.
        """
        records = self.browse()
        for service in self:
            for child in service._children():
                if child.application_id.required or child.wanted in (
                    "running",
                    "stopped",
                ):
                    records |= child._job_records()
            records |= service
        return records

    def _job_node(self):
        return self.node_id

    def _job_root(self):
        return self._root()

    def _is_covered(self, job):
        return self in job._record()._job_records()

    def _hook_locks(self, hook):
        locks, root = super()._hook_locks(hook), self._root()
        return locks if root == self else [*locks, f"{root._name},{root.id}"]

    def _job_steps(self, action):
        """Return the steps for the whole tree: children by sequence, purge in reverse."""
        tree = self._job_records()
        if action in ("purge", "purge_data", "stop"):
            tree = tree.browse(reversed(tree.ids))
        steps = []
        for service in tree:
            if service._wants(action):
                steps += [
                    (service, hook)
                    for hook in service._driver()._phases_for(service, action)
                ]
        if action == "update":
            steps += self._steps_after_update(tree)
        return steps

    def _steps_after_update(self, tree):
        """Return the steps that an update of ``tree`` entails for others.

        The processes that mount an updated Files volume switch to the new one; then
        the bases follow the new code.
        """
        updated = tree.filtered(lambda one: one._wants("update"))
        steps = []
        for service in updated.filtered(lambda one: one._form() == "files"):
            for process in service._mounted_by() - tree:
                steps += [
                    (process, hook)
                    for hook in process._driver()._phases_for(process, "deploy")
                ]
        for service in updated.filtered("application_id.update_bases"):
            steps.append((service, "service_bases"))
        return steps

    def _mounted_by(self):
        """Return the processes beside this service that mount its volumes."""
        tags = self._tags()
        return (self.parent_id.child_ids - self).filtered(
            lambda one: (
                one._form() == "process"
                and tags & set(one.image_id._volumes_from_tags())
            )
        )

    def _wants(self, action):
        """Tell whether ``action`` means anything for this very service of the tree."""
        if action in ("stop", "start", "restart"):
            return self._form() == "process"
        if action == "update":
            return self.application_id.update_strategy != "never"
        return True

    @api.model
    def _free_suffix(self, environment, application, texts):
        """Return a suffix for a new service that nothing else bears yet.

        It is short enough for the names of the sub-services, and these are free too.

        :param texts: what it shall be made of, the best first
        """
        prefix, endings = environment.prefix, application._suffix_endings()
        room = names.DNS_LABEL_LIMIT - len(prefix) - 1 - max(map(len, endings))
        for suffix in names.suggest_suffixes(texts, max(room, SHORTEST_SUFFIX)):
            wanted = [f"{prefix}-{suffix}{ending}" for ending in endings]
            # sudo: names are unique over all environments; only whether one is free is told
            if not self.sudo().search_count([("name", "in", wanted)], limit=1):
                return suffix
        return None

    def _create_children(self):
        """Create the sub-services that the application says, where missing.

        Those that are not required stay in draft until somebody deploys them.
        """
        for service in self:
            present = service.child_ids.application_id
            wanted = service.application_id.child_ids - present
            values = [
                service._child_values(application)
                for application in wanted.sorted(lambda one: (one.sequence, one.id))
            ]
            self.create(values)

    def _child_values(self, application):
        return {
            "parent_id": self.id,
            "environment_id": self.environment_id.id,
            "application_id": application.id,
            "suffix": names.child_suffix(self.suffix, application.code),
            "node_id": self.node_id.id,
            "public": self.public,
        }
