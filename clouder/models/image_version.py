from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import names
from .name_checks import check_names
from .usage import refuse_used


class ClouderImageVersion(models.Model):
    """An image as it was described at one moment, built on the nodes that need it."""

    _name = "clouder.image.version"
    _inherit = ["clouder.reference.mixin", "clouder.job.mixin"]
    _description = "Image Version"
    _order = "id desc"
    _rec_name = "reference"
    _rec_names_search = ["name", "image_id.name"]

    image_id = fields.Many2one(
        "clouder.image", required=True, ondelete="cascade", index=True, readonly=True
    )
    name = fields.Char(string="Version", required=True, copy=False)
    reference = fields.Char(compute="_compute_reference", store=True)
    dockerfile = fields.Text(
        readonly=True, help="The Dockerfile as it was when the version was made."
    )
    pull_reference = fields.Char(
        string="Pulled from", readonly=True, help="Used as it is, not built."
    )
    parent_id = fields.Many2one(
        "clouder.image.version",
        string="Built on",
        ondelete="restrict",
        index="btree_not_null",
        readonly=True,
    )
    child_ids = fields.One2many("clouder.image.version", "parent_id")
    service_ids = fields.One2many("clouder.service", "image_version_id")
    state = fields.Selection(
        [
            ("draft", "Not built"),
            ("building", "Building"),
            ("built", "Built"),
            ("failed", "Failed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    error = fields.Char(readonly=True, copy=False)
    error_detail = fields.Text(readonly=True, copy=False)
    placement_ids = fields.One2many("clouder.image.placement", "version_id")
    public = fields.Boolean(related="image_id.public")

    _name_uniq = models.Constraint(
        "UNIQUE (image_id, name)", "The image has a version of this name already."
    )

    @api.depends("image_id.name", "name")
    def _compute_reference(self):
        for version in self:
            if version.image_id.name and version.name:
                version.reference = names.image_reference(
                    version.image_id.name, version.name
                )
            else:
                version.reference = False

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_image_version)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_recipe(vals) for vals in vals_list])

    @api.model
    def _with_recipe(self, vals):
        """Return ``vals`` with the recipe of the image as it stands now."""
        image = self.env["clouder.image"].browse(vals.get("image_id"))
        stamp = fields.Datetime.now().strftime("%Y%m%d.%H%M%S")
        return {
            "name": stamp,
            **vals,
            "dockerfile": image._dockerfile() if image else False,
            "pull_reference": image.pull_reference,
            "parent_id": image._parent_version().id,
            "state": "draft",
        }

    def write(self, vals):
        fixed = {"image_id", "name", "dockerfile", "pull_reference", "parent_id"}
        if fixed & vals.keys() and any(version.state != "draft" for version in self):
            raise UserError(
                self.env._(
                    "A version that was built stays as it is: build a new one instead."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for version in self:
            refuse_used(version, version._users())

    def _users(self):
        """Return what uses this version, whoever may see it: a list of recordsets."""
        # sudo: what is used by records of others may not go either
        version = self.sudo()
        return [
            version.service_ids,
            version.child_ids,
            *(
                version.env[model]
                .with_context(active_test=False)
                .search([(field, "=", version.id)])
                for model, field in (
                    ("clouder.application", "next_image_version_id"),
                    ("clouder.image", "parent_version_id"),
                )
            ),
        ]

    def action_build(self):
        """Build this version where it is wanted."""
        for version in self:
            version.check_access("write")
            version._build()
        return True

    def _build(self, node=None):
        """Queue the build of this version.

        :param node: a node that shall have it, besides those that have it already
        :return: the job
        :raise UserError: no node is known to build on
        """
        self.ensure_one()
        nodes = self.placement_ids.node_id | (node or self.env["clouder.node"])
        if not nodes:
            nodes = self.env["clouder.node"].search(
                [("state", "!=", "offline")], limit=1
            )
        if not nodes:
            raise UserError(
                self.env._("There is no node to build %s on: add one.", self.reference)
            )
        for missing in nodes - self.placement_ids.node_id:
            # sudo: callers check; placements are written by Clouder alone
            self.sudo().placement_ids.create(
                {"version_id": self.id, "node_id": missing.id}
            )
        # sudo: callers check; jobs are written by Clouder alone
        return self.sudo()._enqueue("build")

    def _build_everywhere(self):
        """Have this version on each node that it is placed on (a step of its job)."""
        for placement in self.placement_ids:
            runner = self.env["clouder.runner"]._get(placement.node_id.runner)
            runner.image_ensure(self, placement.node_id)

    def _placement(self, node):
        """Return the placement of this version on ``node``, empty without one."""
        return self.placement_ids.filtered(lambda placement: placement.node_id == node)

    def _note_built(self, node, digest, fingerprint=False):
        """Note that ``node`` has this version now.

        :param str digest: the id of the image in the node's engine
        :param str fingerprint: what it was built from
        """
        self.ensure_one()
        values = {
            "digest": digest,
            "fingerprint": fingerprint,
            "built_at": fields.Datetime.now(),
        }
        placement = self._placement(node)
        if placement:
            placement.write(values)
        else:
            placement.create({"version_id": self.id, "node_id": node.id, **values})
        self.write({"state": "built", "error": False, "error_detail": False})

    def _driver(self):
        return self.image_id._driver()

    def _job_node(self):
        return self.placement_ids.node_id[:1]

    def _job_started(self, job):
        if self.state != "built":
            self.state = "building"

    def _job_ended(self, job):
        if job.state == "done":
            self.state = "built"
        elif self.state == "building":
            self.write(
                {
                    "state": "failed" if job.state == "failed" else "draft",
                    "error": job.error,
                    "error_detail": job.error_detail,
                }
            )


class ClouderImagePlacement(models.Model):
    """An image version on one node."""

    _name = "clouder.image.placement"
    _description = "Image on a Node"
    _order = "version_id desc, node_id"
    _rec_name = "node_id"

    version_id = fields.Many2one(
        "clouder.image.version", required=True, ondelete="cascade", index=True
    )
    node_id = fields.Many2one(
        "clouder.node", required=True, ondelete="cascade", index=True
    )
    digest = fields.Char(readonly=True, help="The image's id in the node's engine.")
    fingerprint = fields.Char(readonly=True, help="What it was built from.")
    built_at = fields.Datetime(readonly=True)
    newest_at = fields.Datetime(
        string="Up to date at",
        readonly=True,
        help="When nothing in it was last found to have a newer release.",
    )

    _node_uniq = models.Constraint(
        "UNIQUE (version_id, node_id)", "The version is on this node already."
    )
