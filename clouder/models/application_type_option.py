from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import names
from .name_checks import check_names, split_list

VALUE_LIMIT = 65536
TRUE_WORDS = {"true", "1", "yes", "y", "on"}
FALSE_WORDS = {"false", "0", "no", "n", "off"}
OPTION_LINES = (
    "clouder.application.option",
    "clouder.service.option",
    "clouder.base.option",
)


class ClouderApplicationTypeOption(models.Model):
    """A setting that the code of an application type understands."""

    _name = "clouder.application.type.option"
    _inherit = ["clouder.former.mixin"]
    _description = "Option of an Application Type"
    _order = "type_id, type, name, id"

    type_id = fields.Many2one(
        "clouder.application.type", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(
        required=True,
        help="Begins with a letter; lowercase letters, digits and underscores.",
    )
    type = fields.Selection(
        [
            ("application", "Application"),
            ("container", "Container"),
            ("service", "Service"),
            ("base", "Base"),
        ],
        string="Set on",
        required=True,
        default="application",
        help="Where the value is given. A container option is given on the service and "
        "reaches its containers: in their environment or, when secret, in a file.",
    )
    auto = fields.Boolean(
        string="Suggested", help="Suggested when a new record of that kind is created."
    )
    required = fields.Boolean(
        help="No record of that kind can be saved without a value."
    )
    default = fields.Text(help="The value where none is given.")
    secret = fields.Boolean(
        help="Encrypted in the database, shown only to those who may change it, "
        "masked in logs."
    )
    value_type = fields.Selection(
        [
            ("text", "Text"),
            ("integer", "Whole number"),
            ("float", "Number"),
            ("boolean", "Yes or no"),
            ("choice", "One of a list"),
        ],
        required=True,
        default="text",
    )
    choices = fields.Char(help="The allowed values, separated by commas.")
    description = fields.Text(translate=True)
    tag_ids = fields.Many2many(
        "clouder.application.tag",
        "clouder_application_type_option_tag_rel",
        "option_id",
        "tag_id",
        string="Only with tags",
        help="Only applications that carry all these tags have this option.",
    )

    _name_uniq = models.Constraint(
        "UNIQUE (type_id, name)", "This type has an option of this name already."
    )
    _name_format = models.Constraint(
        r"CHECK (name ~ '^[a-z][a-z0-9_]*$')",
        "The name of an option begins with a letter and has only lowercase letters, "
        "digits and underscores.",
    )
    _secret_default = models.Constraint(
        'CHECK (NOT secret OR "default" IS NULL OR "default" = \'\')',
        "A secret option has no default: everybody could read it.",
    )

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_option_name)

    @api.constrains("default", "value_type", "choices")
    def _check_default(self):
        for option in self:
            if option.value_type == "choice" and not all(option._choices() or [""]):
                raise ValidationError(
                    self.env._("Option %s needs the list of its choices.", option.name)
                )
            if option.default:
                option._clean(option.default)

    def write(self, vals):
        if not self.type_id._in_module():
            self._refuse_change_of_module_option(vals)
        result = super().write(vals)
        if "secret" in vals:
            self._reseal_values()
        return result

    def _refuse_change_of_module_option(self, vals):
        """Raise when the code of a module would no longer find its option."""
        for option in self._from_modules():
            for name in ("name", "type", "type_id", "secret", "value_type"):
                if (
                    name in vals
                    and option._fields[name].convert_to_write(option[name], option)
                    != vals[name]
                ):
                    raise UserError(
                        self.env._(
                            "The module of type %(type)s relies on option %(option)s: "
                            "only its default, its flags and its description can be changed.",
                            type=option.type_id.name,
                            option=option.name,
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        in_module = self.type_id._in_module()
        for option in self._from_modules() if not in_module else ():
            raise UserError(
                self.env._(
                    "The module of type %(type)s relies on option %(option)s: "
                    "it cannot be deleted.",
                    type=option.type_id.name,
                    option=option.name,
                )
            )
        for option in self:
            owners = [
                line._owner().display_name for line in option._lines() if line._owner()
            ]
            if owners:
                raise UserError(
                    self.env._(
                        "Option %(option)s cannot be deleted: %(owners)s has a value for it.",
                        option=option.name,
                        owners=", ".join(owners[:10]),
                    )
                )

    def _from_modules(self):
        """Return those of these options which modules brought."""
        # sudo: nobody else reads what belongs to a module
        data = self.env["ir.model.data"].sudo()
        found = data.search_fetch(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("module", "not in", ("__import__", "__export__")),
            ],
            ["res_id"],
        )
        return self.browse(found.mapped("res_id"))

    def _lines(self):
        """Yield the values given for these options, on whatever record (sudo)."""
        for model in OPTION_LINES:
            # sudo: lines of others use the option, too
            yield from self.env[model].sudo().search([("name", "in", self.ids)])

    def _reseal_values(self):
        """Store the values of these options anew: in clear or encrypted, as they now want."""
        for line in self._lines():
            line._store_value(line._clear_value())

    def _choices(self):
        return split_list(self.choices)

    def _clean(self, value):
        """Return ``value`` as the text that is stored; empty stays empty.

        :param value: text, or what a script gave (number, boolean)
        :raise ValidationError: names the option and what it wants
        """
        self.ensure_one()
        text = "" if value is None or value is False else str(value)
        if not text:
            return ""
        if "\0" in text or len(text) > VALUE_LIMIT:
            raise ValidationError(
                self.env._(
                    "The value of option %(option)s is too long or has a NUL character.",
                    option=self.name,
                )
            )
        try:
            return getattr(self, f"_clean_{self.value_type}")(text)
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "“%(value)s” is no good value for option %(option)s: it wants %(want)s.",
                    value="••••••••" if self.secret else text[:100],
                    option=self.name,
                    want=self._wanted(),
                )
            ) from error

    def _wanted(self):
        if self.value_type == "choice":
            return self.env._("one of: %s", ", ".join(self._choices()))
        return {
            "integer": self.env._("a whole number"),
            "float": self.env._("a number"),
            "boolean": self.env._("true or false"),
        }.get(self.value_type, "")

    def _clean_text(self, text):
        return text

    def _clean_integer(self, text):
        return str(int(text))

    def _clean_float(self, text):
        number = float(text)
        if number != number or number in (float("inf"), float("-inf")):
            raise ValueError(text)
        return str(number)

    def _clean_boolean(self, text):
        word = text.strip().lower()
        if word not in TRUE_WORDS | FALSE_WORDS:
            raise ValueError(text)
        return "true" if word in TRUE_WORDS else "false"

    def _clean_choice(self, text):
        if text not in self._choices():
            raise ValueError(text)
        return text
