from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.clouder.lib import names
from odoo.addons.clouder.lib.errors import NameRefused

# What comes after /instances/ on other pages.
PAGES = ("check", "choices", "confirm", "embed", "form", "order", "progress", "sent")


class ClouderApplication(models.Model):
    """How an application stands in the catalogue on the website."""

    _name = "clouder.application"
    _inherit = ["clouder.application", "image.mixin"]

    web_create_type = fields.Selection(
        [
            ("none", "Nothing: it cannot be ordered"),
            ("base", "A base in a shared service"),
            ("service", "A base in a service of its own"),
        ],
        string="An order creates",
        help="Bases in a shared service share one Odoo process and one database role: "
        "who may run code in one of them, as its administrators and the designers of "
        "its website pages may, can reach the others and send mail past Postfix. "
        "Customers who do not trust each other get a service of their own.",
        default="none",
        required=True,
        tracking=True,
    )
    web_published = fields.Boolean(string="On the website", copy=False, tracking=True)
    web_sequence = fields.Integer(string="Place in the catalogue", default=10)
    web_title = fields.Char(
        string="Title on the website", translate=True, help="Empty: the name."
    )
    web_summary = fields.Char(
        string="Summary", translate=True, help="One sentence, on the card."
    )
    web_description = fields.Html(
        string="Text of the order page", translate=True, sanitize_attributes=False
    )
    web_terms = fields.Html(
        string="Terms",
        translate=True,
        help="What the visitor must accept, if anything.",
    )
    web_option_ids = fields.Many2many(
        "clouder.application.type.option",
        "clouder_application_web_option_rel",
        "application_id",
        "option_id",
        string="Options of the visitor",
        help="What the visitor may choose. Never a secret: orders are not encrypted.",
    )
    web_domain_ids = fields.Many2many(
        "clouder.domain",
        "clouder_application_web_domain_rel",
        "application_id",
        "domain_id",
        string="Domains of the visitor",
        help="Empty: all public domains.",
    )
    web_lang_ids = fields.Many2many(
        "res.lang",
        "clouder_application_web_lang_rel",
        "application_id",
        "lang_id",
        string="Languages of the visitor",
        context={"active_test": False},
        help="What an instance may speak at first. Each language has a template of its "
        "own, which is installed with the first order. Empty: the active languages.",
    )
    web_trial_days = fields.Integer(
        string="Days of trial", help="0: what is ordered has no end."
    )
    web_max_per_customer = fields.Integer(
        string="Instances of a customer at most", default=3, help="0: no limit."
    )
    web_reset_id = fields.Many2one(
        "clouder.base",
        string="Data to begin anew with",
        domain="[('service_id', '=', next_service_id), ('state', '!=', 'purged')]",
        index="btree_not_null",
        help="Who ordered gets a button that replaces his data by a neutralised copy of "
        "this base: for demonstrations.",
    )
    web_order_ids = fields.One2many("clouder.order", "application_id", string="Orders")
    web_order_count = fields.Integer(compute="_compute_web_order_count")
    web_url = fields.Char(string="Order page", compute="_compute_web_url")

    _web_code_uniq = models.UniqueIndex(
        "(code) WHERE web_published AND active",
        "Another application with this code is on the website: its page has that address.",
    )
    _web_numbers = models.Constraint(
        "CHECK (web_trial_days BETWEEN 0 AND 3650 AND web_max_per_customer >= 0)",
        "Days of trial are 0 to 3650, and the limit of a customer is 0 or more.",
    )

    @api.depends("code")
    def _compute_web_url(self):
        for application in self:
            application.web_url = f"/instances/{application.code or ''}"

    def _compute_web_order_count(self):
        groups = self.env["clouder.order"]._read_group(
            [("application_id", "in", self.ids)], ["application_id"], ["__count"]
        )
        counts = {application.id: count for application, count in groups}
        for application in self:
            application.web_order_count = counts.get(application.id, 0)

    @api.constrains(
        "web_published", "web_create_type", "base", "next_service_id", "next_node_id"
    )
    def _check_web_complete(self):
        for application in self.filtered("web_published"):
            if reason := application._web_lacks():
                raise ValidationError(
                    self.env._(
                        "%(application)s cannot be on the website: %(reason)s",
                        application=application.name,
                        reason=reason,
                    )
                )

    def _web_lacks(self):
        """Return what keeps this application from being ordered, "" for nothing."""
        if self.web_create_type == "none":
            return self.env._("say what an order creates.")
        if self.code in PAGES:
            return self.env._("there is another page at %s.", self.web_url)
        if not self.base:
            return self.env._(
                "it cannot have bases, and customers look after bases only."
            )
        if self.web_create_type == "base" and not self.next_service_id:
            return self.env._("choose the next service, which gets the bases.")
        if self.web_create_type == "service" and not self.next_node_id:
            return self.env._("choose the next node, which gets the services.")
        return self._web_lacks_target() if self.web_create_type == "service" else ""

    def _web_lacks_target(self):
        """Return what a service of a customer's own would have no use of, "" for nothing.

        It may be linked to what is public, and to what its links name as the next
        service; a house's own proxy would pass nothing on to it.
        """
        tree = self._tree()
        links = self._service_links_of_tree() | self._links("base")
        for link in links.filtered(lambda one: one.required or one.auto):
            if link.next or any(map(link._matches_application, tree)):
                continue
            # sudo: which services there are decides, whoever may see them
            services = self.env["clouder.service"].sudo()
            domain = [*link._target_domain(), ("state", "!=", "purged")]
            found = services.search(domain).filtered(link._matches)
            if not any(found.mapped("public")) and (link.required or found):
                return self.env._(
                    "customers may use no service for its link to %s: make one public, "
                    "or choose it as the next one in that link.",
                    (link.target_application_id or link.tag_id).name,
                )
        return ""

    def _is_orderable(self):
        """Tell whether visitors can order this application now."""
        self.ensure_one()
        return self.web_published and self._is_made_by_orders()

    def _is_made_by_orders(self):
        """Tell whether an order would know what to make of this application."""
        self.ensure_one()
        return self.active and self.web_create_type != "none"

    @api.constrains("web_reset_id", "next_service_id")
    def _check_web_reset(self):
        for application in self.filtered("web_reset_id"):
            if application.web_reset_id.service_id != application.next_service_id:
                raise ValidationError(
                    self.env._(
                        "Customers of %(application)s cannot begin anew with the data of "
                        "%(base)s: it is not in the next service, which gets their bases.",
                        application=application.name,
                        base=application.web_reset_id.fulldomain,
                    )
                )

    @api.constrains("web_option_ids", "type_id")
    def _check_web_options(self):
        for application in self:
            for option in application.web_option_ids:
                if option.secret or option.type_id != application.type_id:
                    raise ValidationError(
                        self.env._(
                            "The visitor cannot choose option %(option)s: it is a secret, "
                            "or not of type %(type)s.",
                            option=option.name,
                            type=application.type_id.name,
                        )
                    )
                if option.type != "base":
                    raise ValidationError(
                        self.env._(
                            "The visitor cannot choose option %(option)s: it is set on "
                            "the %(kind)s, which an order does not create.",
                            option=option.name,
                            kind=option.type,
                        )
                    )

    def _web_domains(self):
        """Return the domains (sudo) among which the visitor chooses."""
        self.ensure_one()
        # sudo: visitors have no rights on domains; these were chosen to be offered
        domains = self.sudo().web_domain_ids
        return domains or domains.search([("public", "=", True)])

    def _web_languages(self):
        """Return the languages among which the visitor chooses: list of (code, name)."""
        self.ensure_one()
        # sudo: names of languages are no secret, and these were chosen to be offered
        chosen = self.sudo().web_lang_ids
        if not chosen:
            return self.env["res.lang"].get_installed()
        return [(lang.code, lang.name) for lang in chosen.sorted("name")]

    def _web_name(self):
        """Return what this application is called on the website."""
        return self.web_title or self.name

    @api.model
    def _web_catalogue(self, code=None):
        """Return the applications (sudo) that can be ordered, or the one with ``code``."""
        domain = [("web_published", "=", True), ("web_create_type", "!=", "none")]
        if code is not None:
            try:
                domain.append(("code", "=", names.check_application_code(code)))
            except NameRefused:
                return self.browse()
        # sudo: visitors have no rights on applications; these were published
        return self.sudo().search(
            domain,
            order="web_sequence, sequence, name, id",
            limit=None if code is None else 1,
        )

    def action_open_orders(self):
        """Open the orders of this application."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clouder_website.clouder_order_action"
        )
        return {**action, "domain": [("application_id", "=", self.id)], "context": {}}

    def action_open_web_page(self):
        """Open the order page of this application."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.web_url, "target": "new"}


class ClouderApplicationTypeOption(models.Model):
    _inherit = "clouder.application.type.option"

    def _web_choices(self):
        """Return what a visitor chooses from: (value, label) pairs; empty: he types."""
        self.ensure_one()
        if self.value_type == "boolean":
            return [("true", self.env._("Yes")), ("false", self.env._("No"))]
        if self.value_type == "choice":
            return [(choice, choice) for choice in self._choices()]
        return []
