from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import names
from ..lib.errors import NameRefused


class ClouderService(models.Model):
    """One deployed piece of an application on a node; a tree with its children."""

    _name = "clouder.service"
    _inherit = ["clouder.hosted.mixin", "clouder.backup.mixin"]
    _description = "Service"
    _order = "name"

    name = fields.Char(
        compute="_compute_name",
        store=True,
        precompute=True,
        index="trigram",
        help="Name of the container: prefix of the environment and suffix.",
    )
    environment_id = fields.Many2one(
        "clouder.environment", required=True, ondelete="restrict", index=True
    )
    suffix = fields.Char(
        required=True,
        help="Second half of the container's name: lowercase letters, digits, hyphens.",
    )
    application_id = fields.Many2one(
        "clouder.application", required=True, ondelete="restrict", index=True
    )
    type_id = fields.Many2one(related="application_id.type_id", store=True, index=True)
    node_id = fields.Many2one(
        "clouder.node",
        ondelete="restrict",
        index=True,
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
    )
    image_id = fields.Many2one(
        "clouder.image",
        ondelete="restrict",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
    )
    image_version_id = fields.Many2one(
        "clouder.image.version",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('image_id', '=', image_id)]",
        compute="_compute_image_version_id",
        store=True,
        readonly=False,
        help="Empty: the newest one, built at the first deployment when there is none.",
    )
    parent_id = fields.Many2one(
        "clouder.service", ondelete="restrict", index=True, copy=False
    )
    child_ids = fields.One2many("clouder.service", "parent_id", string="Sub-services")
    sequence = fields.Integer(related="application_id.sequence", store=True)
    from_id = fields.Many2one(
        "clouder.service",
        string="Cloned from",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    port_ids = fields.One2many("clouder.service.port", "service_id", copy=True)
    volume_ids = fields.One2many("clouder.service.volume", "service_id", copy=True)
    option_ids = fields.One2many("clouder.service.option", "service_id", copy=True)
    link_ids = fields.One2many("clouder.service.link", "service_id", copy=True)
    base_ids = fields.One2many("clouder.base", "service_id", string="Bases")
    base_count = fields.Integer(compute="_compute_base_count")
    container_ids = fields.One2many("clouder.container", "service_id")
    provider_id = fields.Many2one("clouder.provider", ondelete="restrict")
    show_provider = fields.Boolean(related="application_id.provider")
    backup_ids = fields.Many2many(
        "clouder.service",
        "clouder_service_backup_rel",
        "service_id",
        "backup_id",
        string="Backup services",
        compute="_compute_backup_ids",
        store=True,
        readonly=False,
    )
    memory_limit = fields.Integer(
        string="Memory (MB)",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
        help="0: no limit.",
    )
    cpu_limit = fields.Float(
        string="CPUs",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
        help="0: no limit.",
    )
    pids_limit = fields.Integer(
        string="Processes",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
        help="How many processes and threads the container may have.",
    )
    keeps_data = fields.Boolean(
        string="Data kept",
        readonly=True,
        copy=False,
        help="Volumes of an earlier life are there: it was purged without its data.",
    )
    ports_string = fields.Char(string="Ports", compute="_compute_ports_string")

    _name_uniq = models.Constraint(
        "UNIQUE (name)",
        "A service of this name exists already, here or in another environment: "
        "choose another suffix.",
    )
    _suffix_valid = models.Constraint(
        "CHECK (suffix ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$')",
        "The suffix of a service has lowercase letters, digits and inner hyphens only.",
    )

    @api.depends("environment_id.prefix", "suffix")
    def _compute_name(self):
        for service in self:
            service.name = (
                f"{service.environment_id.prefix or ''}-{service.suffix or ''}"
            )

    @api.depends("application_id")
    def _compute_from_application(self):
        for service in self:
            application = service.application_id
            parent = service.parent_id
            service.node_id = parent.node_id or application.next_node_id
            service.image_id = application.default_image_id
            service.memory_limit = application.memory_limit
            service.cpu_limit = application.cpu_limit
            service.pids_limit = application.pids_limit
            service.update(service._backup_values("service"))

    @api.depends("image_id")
    def _compute_image_version_id(self):
        """Take the version of the application where it is one of the image."""
        for service in self:
            application = service.application_id
            version = application and application._image_version()
            fits = version and version.image_id == service.image_id
            service.image_version_id = version if fits else False

    @api.depends("port_ids.name", "port_ids.local_port", "port_ids.hostport")
    def _compute_ports_string(self):
        for service in self:
            service.ports_string = ", ".join(
                f"{port.name}:{port.hostport or port.local_port}"
                for port in service.port_ids
            )

    def _compute_base_count(self):
        groups = self.env["clouder.base"]._read_group(
            [("service_id", "in", self.ids)], ["service_id"], ["__count"]
        )
        counts = {service.id: count for service, count in groups}
        for service in self:
            service.base_count = counts.get(service.id, 0)

    @api.depends("application_id")
    def _compute_backup_ids(self):
        for service in self:
            service.backup_ids = service.application_id.service_backup_ids

    @api.constrains("suffix", "environment_id")
    def _check_name(self):
        for service in self:
            try:
                names.check_service_suffix(service.suffix)
                names.container_name(service.environment_id.prefix, service.suffix)
            except NameRefused as error:
                raise ValidationError(str(error)) from error

    @api.constrains("node_id", "application_id")
    def _check_node(self):
        for service in self:
            if not service.node_id and not service.application_id.dummy:
                raise ValidationError(
                    self.env._(
                        "Service %(service)s has no node, and its application "
                        "%(application)s names no next node: choose one.",
                        service=service.name,
                        application=service.application_id.name,
                    )
                )

    @api.constrains("image_id", "image_version_id")
    def _check_version(self):
        for service in self:
            version = service.image_version_id
            if version and version.image_id != service.image_id:
                raise ValidationError(
                    self.env._(
                        "Version %(version)s does not belong to the image %(image)s.",
                        version=version.display_name,
                        image=service.image_id.name or "-",
                    )
                )

    @api.model
    def _apply_fields(self):
        return {
            "image_version_id",
            "memory_limit",
            "cpu_limit",
            "pids_limit",
        }

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        services._check_parent_access()
        # sudo: who may create a service may have it filled in from the application
        services.sudo()._autofill()
        services.filtered(lambda service: not service.parent_id)._deploy_new()
        return services

    def write(self, vals):
        fixed = {"suffix", "environment_id", "application_id", "parent_id"} & set(vals)
        for service in self if fixed else ():
            for name in fixed:
                old = service[name]
                if (old.id if isinstance(old, models.BaseModel) else old) != vals[name]:
                    raise UserError(
                        self.env._(
                            "The %(field)s of service %(service)s cannot be changed: "
                            "containers and volumes bear it. Make a new service instead.",
                            field=self._fields[name].string.lower(),
                            service=service.name,
                        )
                    )
        if "node_id" not in vals:
            return super().write(vals)
        moved = self.filtered(lambda one: one.node_id.id != vals["node_id"])
        moved._check_unplaced()
        # sudo: the writer moved the service; its ports go with it
        moved.sudo().port_ids._give_back_hostports()
        result = super().write(vals)
        moved._follow_node()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for service, vals in zip(self, vals_list, strict=True):
            vals["from_id"] = service.id
            if "suffix" not in (default or {}):
                vals["suffix"] = self._free_suffix(
                    service.environment_id,
                    service.application_id,
                    [f"{service.suffix}-copy"],
                )
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        # Parents first: the bases hang on them, and it is the bases that matter.
        for service in self.sorted(lambda one: len(one._ancestors())):
            # sudo: bases of others in the tree stand in the way, too
            bases = service.sudo()._tree().base_ids
            if bases:
                raise UserError(
                    self.env._(
                        "Service %(service)s still has bases: %(bases)s. "
                        "Purge and delete them first.",
                        service=service.name,
                        bases=self._listing(bases),
                    )
                )
            service._check_not_linked()
            if service.state not in ("draft", "purged"):
                raise UserError(
                    self.env._(
                        "Service %s is still deployed: purge it first.", service.name
                    )
                )

    def unlink(self):
        tree = self._tree()
        # One part may be the target of another: no order of deletion suits all links.
        inner = tree.link_ids.filtered(lambda link: link.target in tree)
        inner.filtered(lambda link: not link._is_used()).unlink()
        deepest_first = tree.sorted(lambda one: len(one._ancestors()), reverse=True)
        return super(ClouderService, deepest_first).unlink()

    def purge(self, data=False):
        """Remove the containers of these services; their volumes stay.

        :param bool data: remove the volumes too, and with them the data
        :return: the id of the job, as :meth:`deploy`
        :raise UserError: bases live in a service, or others are linked to it
        """
        self._check_not_needed()
        return self._request("purge_data" if data else "purge", "purged")

    @api.model
    def _requests(self):
        return super()._requests() | {
            "purge_data": lambda services: services.purge(data=True)
        }

    def action_purge_data(self):
        """Remove containers and volumes."""
        self.purge(data=True)
        return True

    def action_open_bases(self):
        """Open the bases of this service."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clouder.clouder_base_action"
        )
        action["domain"] = [("service_id", "=", self.id)]
        action["context"] = {
            "default_service_id": self.id,
            "default_application_id": self.application_id.id,
            "default_environment_id": self.environment_id.id,
        }
        return action
