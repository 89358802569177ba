import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..lib import names
from ..lib.errors import ClouderError
from .customer import ADMINISTRATOR, is_same_customer
from .name_checks import check_names
from .usage import refuse_used

_logger = logging.getLogger(__name__)


class ClouderEnvironment(models.Model):
    """A project, usually one of each customer: its names' prefix and its people.

    Containers of two environments cannot reach each other unless a link says so.
    """

    _name = "clouder.environment"
    _inherit = ["clouder.former.mixin", "mail.thread"]
    _description = "Environment"
    _order = "name, id"
    _rec_names_search = ["name", "prefix"]

    name = fields.Char(required=True, tracking=True)
    prefix = fields.Char(
        required=True,
        help="Begins the name of each container: lowercase letters, digits and hyphens, "
        "20 at most. It cannot be changed once there are services.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        default=lambda self: self.env.user.partner_id,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    user_ids = fields.Many2many(
        "res.users",
        "clouder_environment_user_rel",
        "environment_id",
        "user_id",
        string="Users",
        default=lambda self: self.env.user,
        help="Only these see what is in the environment.",
    )
    service_ids = fields.One2many("clouder.service", "environment_id")
    base_ids = fields.One2many("clouder.base", "environment_id")
    service_count = fields.Integer(compute="_compute_counts")
    base_count = fields.Integer(compute="_compute_counts")
    active = fields.Boolean(default=True)

    _prefix_uniq = models.Constraint(
        "UNIQUE (prefix)", "Another environment has this prefix already."
    )
    _prefix_format = models.Constraint(
        r"CHECK (prefix ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(prefix) <= 20)",
        "The prefix has 20 lowercase letters, digits and single hyphens at most.",
    )

    def _compute_counts(self):
        for name in ("service", "base"):
            groups = self.env[f"clouder.{name}"]._read_group(
                [("environment_id", "in", self.ids)], ["environment_id"], ["__count"]
            )
            counts = {environment.id: count for environment, count in groups}
            for environment in self:
                environment[f"{name}_count"] = counts.get(environment.id, 0)

    @api.constrains("prefix")
    def _check_prefix(self):
        check_names(self, "prefix", names.check_environment_prefix)

    @api.model_create_multi
    def create(self, vals_list):
        environments = super().create(
            [
                {**vals, "user_ids": self._with_creator(vals["user_ids"])}
                if "user_ids" in vals and not self.env.su
                else vals
                for vals in vals_list
            ]
        )
        environments._check_customer()
        return environments

    @api.model
    def _with_creator(self, users):
        """Return the commands of ``users`` (ids or commands) with the user added."""
        commands = [
            Command.link(user) if isinstance(user, int) else user
            for user in users or []
        ]
        return [*commands, Command.link(self.env.uid)]

    def write(self, vals):
        self.check_access("write")
        if "prefix" in vals:
            # sudo: services that the writer cannot see bear the prefix, too
            for environment in self.sudo():
                if environment.prefix != vals["prefix"] and environment.service_ids:
                    raise UserError(
                        self.env._(
                            "The prefix of %s cannot change any more: its containers bear "
                            "it. Make a new environment instead.",
                            environment.name,
                        )
                    )
        moved = self.browse()
        if "partner_id" in vals:
            moved = self.filtered(lambda one: one.partner_id.id != vals["partner_id"])
            moved._check_customer()
        result = super().write(vals)
        moved._check_customer()
        return result

    def _check_customer(self):
        """Leave it to administrators to act for a customer that is not one's own.

        What a customer gets, and what is trusted with his keys, goes by this.
        """
        user = self.env.user
        if self.env.su or user.has_group(ADMINISTRATOR):
            return
        for environment in self:
            if not is_same_customer(environment.partner_id, user.partner_id):
                raise AccessError(
                    self.env._(
                        "Only administrators choose another customer for an environment "
                        "(%s) than oneself.",
                        environment.name,
                    )
                )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for environment, vals in zip(self, vals_list, strict=True):
            if "prefix" not in (default or {}):
                vals["prefix"] = f"{environment.prefix[:15]}-copy"
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: what is used by records of others may not go either
        for environment in self.sudo():
            refuse_used(environment, [environment.service_ids, environment.base_ids])

    def unlink(self):
        """Delete these environments, and their networks on the nodes that answer."""
        self.check_access("unlink")
        # sudo: on which nodes a network is left is nothing that users know
        self.sudo()._remove_networks()
        return super().unlink()

    def _remove_networks(self):
        """Remove the networks, which nothing needs any more; who shared one leaves it.

        What is left on a node that does not answer is told in the server's log.
        """
        self._unlink_except_used()
        for node in self.env["clouder.node"].search([("state", "=", "online")]):
            runner = self.env["clouder.runner"]._get(node.runner)
            for environment in self:
                try:
                    runner.network_remove(environment, node)
                except ClouderError as error:
                    _logger.warning("Environment %s: %s", environment.prefix, error)

    def action_open_services(self):
        """Open the services of this environment."""
        return self._open_content("clouder.clouder_service_action")

    def action_open_bases(self):
        """Open the bases of this environment."""
        return self._open_content("clouder.clouder_base_action")

    def _open_content(self, action_xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(action_xmlid)
        return {
            **action,
            "domain": [("environment_id", "in", self.ids)],
            "context": {"default_environment_id": self.id},
        }
