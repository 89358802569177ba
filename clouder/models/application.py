import itertools

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..lib import names
from .name_checks import check_names
from .usage import refuse_used

CODE_LENGTH = 20


class ClouderApplication(models.Model):
    """Software that can be hosted: a type with an image, options, links and children."""

    _name = "clouder.application"
    _inherit = ["clouder.reference.mixin", "mail.thread"]
    _description = "Application"
    _order = "sequence, code, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, tracking=True)
    template_ids = fields.Many2many(
        "clouder.application.template",
        "clouder_application_template_rel",
        "application_id",
        "template_id",
        string="Templates",
        help="Options and links are inherited from these, unless the application "
        "has a line of its own for them.",
    )
    type_id = fields.Many2one(
        "clouder.application.type",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    code = fields.Char(
        required=True,
        help="Lowercase letters, digits and hyphens, 20 at most. It is part of many names "
        "in the infrastructure, so it can never be changed.",
    )
    current_version = fields.Char(
        tracking=True,
        help="The first part of the names of image versions: "
        "<current version>.<date>.<time>.",
    )
    tag_ids = fields.Many2many(
        "clouder.application.tag",
        "clouder_application_tag_rel",
        "application_id",
        "tag_id",
        string="Tags",
        help="Tags trigger code: which links fit, which volumes are shared, and more.",
    )
    base = fields.Boolean(
        string="Can have bases",
        help="Bases can be deployed: it is a web application (Odoo, but not Postfix).",
    )
    admin_name = fields.Char(
        string="Default admin name", help="Can be changed on each base."
    )
    admin_email = fields.Char(
        string="Default admin e-mail", help="Can be changed on each base."
    )
    public = fields.Boolean(
        tracking=True,
        help="All users may use it. Otherwise only its manager and administrators do.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Manager",
        default=lambda self: self.env.user.partner_id,
        ondelete="restrict",
        index=True,
        tracking=True,
        copy=False,
    )
    sequence = fields.Integer(
        default=10,
        help="As a child: the order of deployment among its siblings, the lowest first "
        "(the data before what reads it).",
    )
    required = fields.Boolean(
        help="As a child: deployed together with its parent, whatever the user chose."
    )
    update_strategy = fields.Selection(
        [
            ("always", "Each day, when there is a newer image (Exec)"),
            ("manual", "With a button, when needed (Files)"),
            ("never", "Never (Data)"),
        ],
        required=True,
        default="never",
        tracking=True,
        help="What is exposed must follow its security updates each day; program files "
        "change when you decide; data never does.",
    )
    update_bases = fields.Boolean(
        help="Updating a service of this application updates the bases linked to it."
    )
    dummy = fields.Boolean(
        help="Its services never have a container, not even without children "
        "(a cloud DNS, for example)."
    )
    provider = fields.Boolean(
        string="Has a provider", help="Shows the provider on the services."
    )
    description = fields.Html()
    active = fields.Boolean(default=True)
    service_ids = fields.One2many("clouder.service", "application_id")
    base_ids = fields.One2many("clouder.base", "application_id")
    service_count = fields.Integer(compute="_compute_counts")
    base_count = fields.Integer(compute="_compute_counts")
    memory_limit = fields.Integer(
        string="Memory limit (MB)", default=2048, help="Of each container; 0 for none."
    )
    cpu_limit = fields.Float(string="CPU limit", help="Of each container; 0 for none.")
    pids_limit = fields.Integer(
        string="Process limit", default=512, help="Of each container; 0 for none."
    )

    _code_format = models.Constraint(
        r"CHECK (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(code) <= 20)",
        "The code of an application has 20 lowercase letters, digits and single "
        "hyphens at most.",
    )
    _limits = models.Constraint(
        "CHECK (memory_limit >= 0 AND memory_limit NOT BETWEEN 1 AND 15 "
        "AND cpu_limit >= 0 AND pids_limit >= 0)",
        "Limits are 0 (none) or more; a container needs 16 MB of memory at least.",
    )

    def _compute_counts(self):
        for name in ("service", "base"):
            groups = self.env[f"clouder.{name}"]._read_group(
                [("application_id", "in", self.ids)], ["application_id"], ["__count"]
            )
            counts = {application.id: count for application, count in groups}
            for application in self:
                application[f"{name}_count"] = counts.get(application.id, 0)

    @api.constrains("code")
    def _check_code(self):
        check_names(self, "code", names.check_application_code)

    @api.constrains("current_version")
    def _check_current_version(self):
        check_names(self, "current_version", names.check_image_version)

    @api.constrains("admin_email")
    def _check_admin_email(self):
        check_names(self, "admin_email", names.check_email)

    @api.constrains("admin_name")
    def _check_admin_name(self):
        check_names(self, "admin_name", names.check_login)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {
                    **vals,
                    "option_ids": [
                        *(vals.get("option_ids") or []),
                        *self._suggested_options(vals),
                    ],
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if "code" in vals:
            self._check_code_kept(vals["code"])
        if "type_id" in vals:
            self._check_type_free(vals["type_id"])
        return super().write(vals)

    def _check_code_kept(self, code):
        """Refuse another code: it is given when an application is made, and stays."""
        if any(application.code != code for application in self):
            raise UserError(
                self.env._(
                    "The code of an application never changes, for names in the whole "
                    "infrastructure contain it. Make a new application instead."
                )
            )

    def _check_type_free(self, type_id):
        for application in self:
            # sudo: a check must see the services that the writer cannot
            if application.type_id.id != type_id and application.sudo().service_ids:
                raise UserError(
                    self.env._(
                        "The type of %s cannot change any more: it has services.",
                        application.name,
                    )
                )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        secret = self.option_ids.name.filtered("secret").ids
        for application, vals in zip(self, vals_list, strict=True):
            vals["option_ids"] = [
                command
                for command in vals.get("option_ids") or []
                if command[2]["name"] not in secret
            ]
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", application.name)
            if "code" not in (default or {}):
                vals["code"] = self._free_code(application.code)
        return vals_list

    @api.model
    def _free_code(self, code):
        """Return a code for a new application that is made after the one with ``code``."""
        for free in itertools.islice(
            names.suggest_suffixes([code], CODE_LENGTH), 1, None
        ):
            # sudo: codes are known to all; only whether one is free is told
            if not self.sudo().search_count([("code", "=", free)], limit=1):
                return free
        return None

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: what is used by records of others may not go either
        for application in self.sudo().with_context(active_test=False):
            # sudo: what is used by records of others may not go either
            refuse_used(
                application,
                [
                    application.service_ids,
                    application.base_ids,
                    application.parent_ids,
                    self.env["clouder.application.link"]
                    .sudo()
                    .search([("target_application_id", "=", application.id)]),
                ],
            )

    @api.model
    def _suggested_options(self, vals):
        """Return commands for the suggested options that ``vals`` says nothing about.

        Someone who gave option lines (a form does) has chosen: then only required
        options without any value are added, when the driver can make one.
        """
        draft = self.new(
            {
                name: vals[name]
                for name in ("type_id", "tag_ids", "template_ids", "option_ids", "code")
                if name in vals
            }
        )
        chosen = bool(vals.get("option_ids"))
        commands = []
        for definition in draft._missing_definitions():
            if (definition.auto and not chosen) or definition.required:
                value = definition.default or draft._generated(definition)
                if value or (definition.auto and not chosen):
                    commands.append(
                        Command.create({"name": definition.id, "value": value})
                    )
        return commands

    def _tag_codes(self):
        """Return the codes of the tags of this application and of its type (a set)."""
        self.ensure_one()
        # Read apart: so both are fetched for all applications at hand at once.
        return {*self.tag_ids.mapped("code"), *self.type_id.tag_ids.mapped("code")}

    def _check_tags(self, codes):
        """Return whether this application carries all of ``codes``."""
        return self._tag_codes().issuperset(codes)

    def all_tag_codes(self):
        """Return the codes of all tags: own ones and those of the type.

        :return: list of str, sorted
        """
        self.ensure_one()
        self.check_access("read")
        return sorted(self._tag_codes())

    def action_open_services(self):
        """Open the services of this application."""
        return self._open_running("clouder.clouder_service_action")

    def action_open_bases(self):
        """Open the bases of this application."""
        return self._open_running("clouder.clouder_base_action")

    def _open_running(self, action_xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(action_xmlid)
        return {
            **action,
            "domain": [("application_id", "in", self.ids)],
            "context": {"default_application_id": self.id},
        }
