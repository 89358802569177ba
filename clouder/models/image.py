from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import dockerfile, names
from ..lib.errors import ClouderError, SpecRefused
from .name_checks import check_list, check_names, split_list
from .usage import refuse_used


class ClouderImage(models.Model):
    """The recipe of the containers of an application; its versions are what was built."""

    _name = "clouder.image"
    _inherit = ["clouder.reference.mixin"]
    _description = "Image"
    _order = "name, id"

    name = fields.Char(
        required=True, help="Part of the reference clouder/<image>:<version>."
    )
    type_id = fields.Many2one(
        "clouder.application.type",
        ondelete="restrict",
        index="btree_not_null",
        help="Its driver writes the Dockerfile when the image has none.",
    )
    parent_id = fields.Many2one(
        "clouder.image",
        string="Parent image",
        ondelete="restrict",
        index="btree_not_null",
        help="Build on top of another image of this list.",
    )
    parent_version_id = fields.Many2one(
        "clouder.image.version",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('image_id', '=', parent_id)]",
        help="Empty: the newest version that was built.",
    )
    parent_from = fields.Char(
        string="From", help="Build on top of an image of a registry."
    )
    dockerfile = fields.Text(
        help="The instructions after FROM. Empty: those of the type's driver."
    )
    pull_reference = fields.Char(
        string="Use as it is",
        help="Reference of an image of a registry that is pulled and not built.",
    )
    volumes_from = fields.Char(
        help="Tags, separated by commas: the volumes of the sibling services with one of "
        "these tags are mounted too."
    )
    volume_ids = fields.One2many("clouder.image.volume", "image_id", copy=True)
    port_ids = fields.One2many("clouder.image.port", "image_id", copy=True)
    version_ids = fields.One2many("clouder.image.version", "image_id")
    version_count = fields.Integer(compute="_compute_version_count")
    child_ids = fields.One2many(
        "clouder.image", "parent_id", string="Built on this one"
    )
    application_ids = fields.One2many("clouder.application", "default_image_id")
    public = fields.Boolean(help="All users may use it.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Manager",
        default=lambda self: self.env.user.partner_id,
        ondelete="restrict",
        index=True,
    )
    computed_dockerfile = fields.Text(
        compute="_compute_computed_dockerfile",
        help="What a build uses, as things stand.",
    )

    _name_uniq = models.Constraint(
        "UNIQUE (name)", "Another image has this name already."
    )
    _name_format = models.Constraint(
        r"CHECK (name ~ '^[a-z0-9]+([._-][a-z0-9]+)*$')",
        "The name of an image has only lowercase letters, digits and single dots, "
        "hyphens and underscores.",
    )
    _one_source = models.Constraint(
        "CHECK (num_nonnulls(parent_id, nullif(parent_from, ''), "
        "nullif(pull_reference, '')) <= 1)",
        "An image has a parent image, or a FROM, or is used as it is: one of the three.",
    )

    def _compute_version_count(self):
        groups = self.env["clouder.image.version"]._read_group(
            [("image_id", "in", self.ids)], ["image_id"], ["__count"]
        )
        counts = {image.id: count for image, count in groups}
        for image in self:
            image.version_count = counts.get(image.id, 0)

    @api.depends(
        "name",
        "type_id",
        "parent_id",
        "parent_version_id.reference",
        "parent_from",
        "dockerfile",
        "pull_reference",
        "volume_ids.localpath",
        "port_ids.local_port",
        "port_ids.udp",
    )
    def _compute_computed_dockerfile(self):
        for image in self:
            try:
                image.computed_dockerfile = image._dockerfile()
            except (ClouderError, UserError) as error:
                image.computed_dockerfile = f"# {error}"

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_image_name)

    @api.constrains("volumes_from")
    def _check_volumes_from(self):
        check_list(self, "volumes_from", names.check_tag_code)
        tags = self.env["clouder.application.tag"]
        for image in self:
            codes = image._volumes_from_tags()
            known = tags.search([("code", "in", codes)]).mapped("code")
            unknown = set(codes) - set(known)
            if unknown:
                raise ValidationError(
                    self.env._("There is no tag %s.", ", ".join(sorted(unknown)))
                )

    @api.constrains("parent_from", "pull_reference")
    def _check_references(self):
        for image in self:
            for reference in (image.parent_from, image.pull_reference):
                try:
                    if reference:
                        dockerfile.check_reference(reference)
                except SpecRefused as error:
                    raise ValidationError(str(error)) from error

    @api.constrains("dockerfile", "volume_ids", "port_ids")
    def _check_dockerfile(self):
        for image in self:
            try:
                dockerfile.compose("scratch", image.dockerfile or "")
            except SpecRefused as error:
                raise ValidationError(str(error)) from error

    @api.constrains("parent_id", "parent_version_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("An image cannot be built on itself."))
        for image in self:
            version = image.parent_version_id
            if version and version.image_id != image.parent_id:
                raise ValidationError(
                    self.env._(
                        "Version %(version)s is no version of %(image)s.",
                        version=version.display_name,
                        image=image.parent_id.name or "-",
                    )
                )

    @api.onchange("parent_id")
    def _onchange_parent_id(self):
        if self.parent_version_id.image_id != self.parent_id:
            self.parent_version_id = False

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for image, vals in zip(self, vals_list, strict=True):
                vals["name"] = f"{image.name}-copy"
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: what is used by records of others may not go either
        for image in self.sudo():
            # sudo: what is used by records of others may not go either
            refuse_used(
                image,
                [
                    image.with_context(active_test=False).application_ids,
                    image.child_ids,
                    self.env["clouder.service"]
                    .sudo()
                    .search([("image_id", "=", image.id)]),
                ],
            )
            image.version_ids._unlink_except_used()

    def _volumes_from_tags(self):
        """Return the tag codes in ``volumes_from`` (list)."""
        self.ensure_one()
        return split_list(self.volumes_from)

    def _dockerfile(self):
        """Return the whole Dockerfile, or "" for an image that is used as it is.

        :raise UserError: nothing says on what to build
        :raise ClouderError: a part cannot stand in a Dockerfile
        """
        self.ensure_one()
        if self.pull_reference:
            return ""
        return dockerfile.compose(
            self._from_reference(),
            self.dockerfile or self._driver().image_dockerfile(self),
            labels={"clouder.image": self.name},
            ports=[
                (port.local_port, "udp" if port.udp else "tcp")
                for port in self.port_ids.sorted(
                    lambda port: (port.local_port, port.udp)
                )
            ],
            volumes=sorted(self.volume_ids.mapped("localpath")),
        )

    def _from_reference(self):
        """Return what the image is built on."""
        parent = self._parent_version()
        if parent or self.parent_from:
            return parent.reference or self.parent_from
        if self.parent_id:
            raise UserError(
                self.env._(
                    "Image %(image)s is built on %(parent)s, which has no version yet: "
                    "build that one first.",
                    image=self.name,
                    parent=self.parent_id.name,
                )
            )
        raise UserError(
            self.env._(
                "Image %s has no parent image, no FROM and nothing to pull: choose one.",
                self.name,
            )
        )

    def _parent_version(self):
        """Return the version this image is built on, empty when it has no parent image."""
        return self.parent_version_id or self.parent_id._newest_version()

    def _newest_version(self):
        """Return the newest usable version: a built one, else one still to be built."""
        versions = self.version_ids.filtered(lambda version: version.state != "failed")
        built = versions.filtered(lambda version: version.state == "built")
        return (built or versions).sorted("id", reverse=True)[:1]

    def _driver(self):
        return self.env["clouder.driver"]._get(self.type_id.driver or "generic")

    def _new_version(self, application=None):
        """Make a version of this image as it is described now, not yet built.

        :param application: the one whose current version begins the name; else one
            that uses this image
        """
        self.ensure_one()
        application = (
            application or self.application_ids.filtered("current_version")[:1]
        )
        values = {"image_id": self.id}
        if application:
            values["name"] = self._free_version_name(application)
        return self.env["clouder.image.version"].create(values)

    def _free_version_name(self, application):
        """Return the name of a version made now; two in one second differ all the same."""
        moment = fields.Datetime.now()
        taken = set(self.version_ids.mapped("name"))
        while application._version_name(moment) in taken:
            moment = fields.Datetime.add(moment, seconds=1)
        return application._version_name(moment)

    def action_build(self, node_id=False):
        """Build a new version of this image; open it.

        :param int node_id: the node to build on; that of the application if not given
        """
        self.ensure_one()
        self.check_access("write")
        node = self.env["clouder.node"].browse(node_id or [])
        version = self._new_version()
        version._build(node or self.application_ids.next_node_id[:1])
        return version._get_records_action()

    def action_open_versions(self):
        """Open the versions of this image."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clouder.clouder_image_version_action"
        )
        return {**action, "domain": [("image_id", "in", self.ids)]}
