import collections

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

OptionValue = collections.namedtuple("OptionValue", "definition value source")


class ClouderApplicationOption(models.Model):
    """The value that an application, or a template, gives to an option of the type.

    Values for options of services and bases are the defaults of these.
    """

    _name = "clouder.application.option"
    _inherit = ["clouder.reference.mixin", "clouder.option.mixin"]
    _description = "Application Option"
    _order = "name, id"

    application_id = fields.Many2one(
        "clouder.application", ondelete="cascade", index=True
    )
    template_id = fields.Many2one(
        "clouder.application.template", ondelete="cascade", index="btree_not_null"
    )

    _one_owner = models.Constraint(
        "CHECK (num_nonnulls(application_id, template_id) = 1)",
        "An option value belongs to an application or to a template.",
    )
    _application_uniq = models.UniqueIndex(
        "(application_id, name) WHERE application_id IS NOT NULL",
        "The application has this option already.",
    )
    _template_uniq = models.UniqueIndex(
        "(template_id, name) WHERE template_id IS NOT NULL",
        "The template has this option already.",
    )

    @api.constrains("value_plain", "value_encrypted")
    def _check_not_emptied(self):
        for line in self:
            if line.name.required and not line._clear_value():
                line._users()._check_required_options(line.name)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_required(self):
        for line in self:
            for application in line._users():
                if line.name in application._unset_definitions(without=line):
                    raise UserError(
                        self.env._(
                            "%(application)s needs option %(option)s: change its value "
                            "instead of deleting it.",
                            application=application.display_name,
                            option=line.name.name,
                        )
                    )

    def _owner(self):
        return self.application_id or self.template_id

    @api.constrains("name", "application_id")
    def _check_definition(self):
        return super()._check_definition()

    def _fits(self):
        """Return whether the option is one of the type; templates serve several types."""
        return (
            bool(self.template_id) or self.name.type_id == self.application_id.type_id
        )

    def _users(self):
        """Return the applications (sudo) that use the option of this line."""
        self.ensure_one()
        users = self.application_id or self.template_id.application_ids
        # sudo: applications of others inherit from a template, too
        return users.sudo().filtered(lambda app: app.type_id == self.name.type_id)


class ClouderApplicationTemplate(models.Model):
    _inherit = "clouder.application.template"

    @api.constrains("option_ids")
    def _check_options(self):
        # sudo: applications of others inherit from a template, too
        self.sudo().application_ids._check_required_options()


class ClouderApplication(models.Model):
    _inherit = "clouder.application"

    option_ids = fields.One2many(
        "clouder.application.option", "application_id", string="Options", copy=True
    )
    inherited_option_ids = fields.Many2many(
        "clouder.application.option",
        string="Inherited options",
        compute="_compute_inherited_option_ids",
    )

    @api.depends("template_ids.option_ids.name", "option_ids.name", "type_id")
    def _compute_inherited_option_ids(self):
        for application in self:
            lines = application._option_lines().values()
            application.inherited_option_ids = self.env[
                "clouder.application.option"
            ].union(*(line._origin for line in lines if line.template_id))

    @api.constrains("type_id", "option_ids", "template_ids", "tag_ids")
    def _check_options(self):
        self.option_ids._check_definition()
        self._check_required_options()

    @api.onchange("type_id", "tag_ids")
    def _onchange_type_id(self):
        if not self.type_id:
            return
        foreign = self.option_ids.filtered(
            lambda line: line.name.type_id != self.type_id
        )
        self.option_ids = [Command.unlink(line.id) for line in foreign] + [
            Command.create({"name": definition.id, "value": definition.default})
            for definition in self._missing_definitions()
            if definition.auto
        ]

    def _definitions(self, kind):
        """Return the options of ``kind`` of the type that fit the tags of this application."""
        self.ensure_one()
        codes = self._tag_codes()
        return self.type_id.option_ids.filtered(
            lambda option: (
                option.type == kind and codes.issuperset(option.tag_ids.mapped("code"))
            )
        )

    def _option_lines(self, without=None):
        """Return {definition: line}: the own line, else that of the first template.

        :param without: a line that does not count
        """
        self.ensure_one()
        lines = {}
        for line in (self.option_ids, *self.template_ids.sorted().mapped("option_ids")):
            for candidate in line:
                if candidate != without:
                    lines.setdefault(candidate.name._origin, candidate)
        return {
            definition: line
            for definition, line in lines.items()
            if definition.type_id == self.type_id._origin
        }

    def _options(self, kind):
        """Return the values of the options of ``kind`` that this application gives.

        Live, in clear, for code only: line of the application, else of a template,
        else the default of the type. A line without value does not count.

        :param str kind: application, container, service or base
        :return: list of ``OptionValue(definition, value, source)``; ``source`` is
            "application", "template", "type", or "" when nobody gives a value
        """
        return [
            self._option_value(definition) for definition in self._definitions(kind)
        ]

    def _option(self, name):
        """Return the value of the option ``name`` of this application, "" without one.

        In clear, for code only.
        """
        for definition in self.type_id.option_ids:
            if definition.name == name:
                return self._option_value(definition).value
        return ""

    def _option_value(self, definition, without=None):
        definition = definition._origin
        own = self.option_ids.filtered(lambda line: line.name._origin == definition)
        inherited = self.template_ids.sorted().option_ids.filtered(
            lambda line: line.name._origin == definition
        )
        for source, lines in (("application", own), ("template", inherited)):
            for line in lines:
                value = line != without and (line._clear_value() or line.value)
                if value:
                    return OptionValue(definition, value, source)
        source = "type" if definition.default else ""
        return OptionValue(definition, definition.default or "", source)

    def _missing_definitions(self):
        """Return the options of applications for which neither line nor template is there."""
        lines = self._option_lines()
        return self._definitions("application").filtered(
            lambda definition: definition._origin not in lines
        )

    def _unset_definitions(self, without=None):
        """Return the required options of applications that have no value at all."""
        return (
            self._definitions("application")
            .filtered("required")
            .filtered(lambda option: not self._option_value(option, without).value)
        )

    def _check_required_options(self, only=None):
        """Check that each required option has a value.

        :param only: look at these options alone
        :raise ValidationError: names the application and what is missing
        """
        for application in self:
            missing = application._unset_definitions()
            missing = missing & only if only else missing
            if missing:
                raise ValidationError(
                    self.env._(
                        "Application %(application)s cannot be saved without a value for "
                        "its required options: %(options)s.",
                        application=application.name,
                        options=", ".join(missing.mapped("name")),
                    )
                )

    def _generated(self, definition):
        """Return what the type's driver proposes for an option, False without one."""
        return (
            self.env["clouder.driver"]
            ._get(self.type_id.driver)
            .option_default(definition, self)
            or False
        )
