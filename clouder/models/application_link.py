from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClouderApplicationLink(models.Model):
    """An application, or any with a tag, that services or bases are linked to."""

    _name = "clouder.application.link"
    _inherit = ["clouder.reference.mixin"]
    _description = "Application Link"
    _order = "application_id, template_id, id"

    application_id = fields.Many2one(
        "clouder.application", ondelete="cascade", index=True
    )
    template_id = fields.Many2one(
        "clouder.application.template", ondelete="cascade", index="btree_not_null"
    )
    target_application_id = fields.Many2one(
        "clouder.application",
        string="Application to link",
        ondelete="restrict",
        index="btree_not_null",
    )
    tag_id = fields.Many2one(
        "clouder.application.tag",
        string="or any with tag",
        ondelete="restrict",
        index="btree_not_null",
    )
    code = fields.Char(
        compute="_compute_code",
        help="The name under which the container finds the other one.",
    )
    required = fields.Boolean(help="No record can be saved without this link.")
    auto = fields.Boolean(
        string="Suggested",
        default=True,
        help="Suggested on new records, and linked when a fitting service exists.",
    )
    make_link = fields.Boolean(
        string="Direct link",
        help="A direct network connection between the two containers. More private, "
        "but both must be on the same node.",
    )
    service = fields.Boolean(default=True, help="Available on services.")
    base = fields.Boolean(help="Available on bases.")
    next = fields.Many2one(
        "clouder.service",
        string="Next service",
        ondelete="set null",
        index="btree_not_null",
        help="The service that new records are linked to.",
    )

    _one_owner = models.Constraint(
        "CHECK (num_nonnulls(application_id, template_id) = 1)",
        "A link belongs to an application or to a template.",
    )
    _one_target = models.Constraint(
        "CHECK (num_nonnulls(target_application_id, tag_id) = 1)",
        "A link needs either an application or a tag to link to.",
    )
    _offered = models.Constraint(
        "CHECK (service OR base)", "A link must be available on services or on bases."
    )
    _application_uniq = models.UniqueIndex(
        "(application_id, coalesce(target_application_id, 0), coalesce(tag_id, 0)) "
        "WHERE application_id IS NOT NULL",
        "The application has this link already.",
    )
    _template_uniq = models.UniqueIndex(
        "(template_id, coalesce(target_application_id, 0), coalesce(tag_id, 0)) "
        "WHERE template_id IS NOT NULL",
        "The template has this link already.",
    )

    @api.depends("target_application_id.code", "tag_id.code")
    def _compute_code(self):
        for link in self:
            link.code = link.tag_id.code or link.target_application_id.code

    @api.depends("target_application_id.name", "tag_id.name")
    def _compute_display_name(self):
        for link in self:
            link.display_name = link.target_application_id.name or link.tag_id.name

    @api.constrains("next", "target_application_id", "tag_id")
    def _check_next(self):
        # sudo: a check must see all that it is about
        for link in self.sudo().filtered("next"):
            if not link._matches(link.next):
                raise ValidationError(
                    self.env._(
                        "Service %(service)s cannot be the next one of link %(link)s: it is "
                        "a service of application %(application)s.",
                        service=link.next.display_name,
                        link=link.display_name,
                        application=link.next.application_id.display_name,
                    )
                )

    @api.onchange("target_application_id")
    def _onchange_target_application_id(self):
        if self.target_application_id:
            self.tag_id = False

    @api.onchange("tag_id")
    def _onchange_tag_id(self):
        if self.tag_id:
            self.target_application_id = False

    def _matches(self, service):
        """Return whether ``service`` may be the other side of this link."""
        self.ensure_one()
        return self._matches_application(service.application_id)

    def _matches_application(self, application):
        """Return whether services of ``application`` may be the other side."""
        if self.target_application_id:
            return application == self.target_application_id
        return self.tag_id.code in application._tag_codes()

    def _target_domain(self):
        """Return the domain of the services that may be the other side (a list)."""
        self.ensure_one()
        if self.target_application_id:
            return [("application_id", "=", self.target_application_id.id)]
        return [
            "|",
            ("application_id.tag_ids", "in", self.tag_id.ids),
            ("application_id.type_id.tag_ids", "in", self.tag_id.ids),
        ]

    def _line_values(self):
        """Return the values of a new link of a service or base that follows this one."""
        self.ensure_one()
        return {
            "application_link_id": self._origin.id,
            "target_application_id": self.target_application_id.id,
            "tag_id": self.tag_id.id,
            "required": self.required,
            "auto": self.auto,
            "make_link": self.make_link,
        }

    def _target_key(self):
        """Return what tells two links of one owner apart."""
        return self.target_application_id._origin.id, self.tag_id._origin.id


class ClouderApplication(models.Model):
    _inherit = "clouder.application"

    link_ids = fields.One2many(
        "clouder.application.link", "application_id", string="Links", copy=True
    )
    inherited_link_ids = fields.Many2many(
        "clouder.application.link",
        string="Inherited links",
        compute="_compute_inherited_link_ids",
    )

    @api.depends(
        "template_ids.link_ids.target_application_id",
        "template_ids.link_ids.tag_id",
        "link_ids.target_application_id",
        "link_ids.tag_id",
    )
    def _compute_inherited_link_ids(self):
        for application in self:
            lines = application._all_links().filtered("template_id")
            application.inherited_link_ids = lines._origin

    def _all_links(self):
        """Return the own links and those of the templates; one per target, own ones win."""
        self.ensure_one()
        links = {}
        for link in (*self.link_ids, *self.template_ids.sorted().link_ids):
            links.setdefault(link._target_key(), link)
        return self.env["clouder.application.link"].union(*links.values())

    def _links(self, kind):
        """Return the links that records of ``kind`` can have, live from the templates too.

        :param str kind: "service" or "base"
        """
        return self._all_links().filtered(kind)

    def _service_links_of_tree(self):
        """Return the links of services of this application and of all its children.

        Those of the children that another part of the tree serves are left out.
        """
        tree = self._tree()
        links = {link._target_key(): link for link in self._links("service")}
        for application in tree - self:
            for link in application._links("service"):
                if not any(map(link._matches_application, tree)):
                    links.setdefault(link._target_key(), link)
        return self.env["clouder.application.link"].union(*links.values())
