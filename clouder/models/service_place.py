from odoo import api, models
from odoo.exceptions import UserError, ValidationError


class ClouderService(models.Model):
    """Where a service stands: under which other service, and on which node."""

    _inherit = "clouder.service"

    def _check_parent_access(self):
        """Raise AccessError when somebody hangs a service under one he may not change.

        A sub-service shares the volumes and the options of its neighbours, so being
        allowed to look at the parent is not enough.
        """
        if not self.env.su:
            self.parent_id.check_access("write")

    @api.constrains("parent_id", "environment_id", "application_id", "node_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A service cannot be inside itself."))
        for service in self.filtered("parent_id"):
            service._check_parent_fits()

    def _check_parent_fits(self):
        parent = self.parent_id
        if self.application_id not in parent.application_id.child_ids:
            raise ValidationError(
                self.env._(
                    "%(application)s is no part of %(parent_application)s: service "
                    "%(service)s cannot be inside %(parent)s.",
                    application=self.application_id.name,
                    parent_application=parent.application_id.name,
                    service=self.name,
                    parent=parent.name,
                )
            )
        if (self.environment_id, self.node_id) != (
            parent.environment_id,
            parent.node_id,
        ):
            raise ValidationError(
                self.env._(
                    "Service %(service)s must be in the environment and on the node of "
                    "%(parent)s, for it is a part of it.",
                    service=self.name,
                    parent=parent.name,
                )
            )

    def _check_unplaced(self):
        """Raise UserError when something of these services may lie on their node."""
        for service in self:
            tree = service._tree()
            placed = tree.filtered(lambda one: one.deployed_at or one.keeps_data)
            if placed or tree._busy_jobs():
                raise UserError(
                    self.env._(
                        "Service %(service)s lives on node %(node)s with its data: it "
                        "cannot be moved. Make a new service on the other node, or purge "
                        "this one with its data first.",
                        service=service.name,
                        node=service.node_id.name,
                    )
                )

    def _request(self, action, wanted=None):
        """Give ports that are published since the service was made a number first."""
        if action == "deploy":
            self.check_access("write")
            # sudo: checked above; the parts of a service belong to it
            self.sudo()._tree().port_ids._allot_hostports()
        return super()._request(action, wanted)

    def _follow_node(self):
        """Take the sub-services along to the node of these, and choose free ports there."""
        # sudo: the writer moved the service; what belongs to it goes with it
        for service in self.sudo():
            service.child_ids.write({"node_id": service.node_id.id})
        # sudo: the writer moved the service; its ports go with it
        self.sudo().port_ids._allot_hostports()
        self.link_ids._check_same_node()
