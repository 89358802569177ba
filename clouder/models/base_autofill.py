from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClouderBase(models.Model):
    """What a new base takes from its application, in the form and over RPC alike."""

    _inherit = "clouder.base"

    @api.onchange("application_id", "environment_id", "service_id")
    def _onchange_application(self):
        """Suggest options and links in the form."""
        if not self.application_id or self._origin:
            return
        for field, values in self._suggested_lines().items():
            self[field] = [fields.Command.clear()] + [
                fields.Command.create(line) for line in values
            ]

    def _suggested(self, name):
        if name == "service_id":
            return self.application_id.next_service_id
        if name == "backup_ids":
            return self.application_id.base_backup_ids
        return super()._suggested(name)

    def _suggested_lines(self):
        return {
            "option_ids": self._missing_options(),
            "link_ids": self._missing_links(),
        }

    def _autofill(self):
        """Complete new bases with a service, lines and passwords, and check them."""
        for base in self:
            if not base.service_id:
                base.service_id = base._new_service()
            for field, values in base._suggested_lines().items():
                if values:
                    base[field] = [fields.Command.create(line) for line in values]
            base.link_ids._choose_targets()
            base._check_options()
            base._check_links()
        self._generate_passwords()

    def _new_service(self):
        """Create the service of this base alone on the application's next node.

        It is left in draft: the job of the base has it deployed.
        """
        application = self.application_id
        if not application.next_node_id:
            raise ValidationError(
                self.env._(
                    "Base %(base)s has no service, and application %(application)s "
                    "names no next service or node: choose a service.",
                    base=self.fulldomain,
                    application=application.name,
                )
            )
        return self.service_id.with_context(clouder_no_deploy=True).create(
            {
                "environment_id": self.environment_id.id,
                "application_id": application.id,
                "own_base_id": self.id,
                # The base's own name when it can be had, else one made of its host name.
                "suffix": self.env["clouder.service"]._free_suffix(
                    self.environment_id,
                    application,
                    [self.fulldomain]
                    if self.name == "www"
                    else [self.name, self.fulldomain],
                ),
            }
        )

    def _missing_options(self):
        present = self.option_ids.name
        lines = []
        for option in self.application_id._options("base"):
            definition = option.definition
            if (definition.auto or definition.required) and definition not in present:
                value = option.value or self._driver().option_default(definition, self)
                lines.append({"name": definition.id, "value": value or False})
        return lines

    def _missing_links(self):
        present = self.link_ids.application_link_id
        # sudo: parents and their links count; services are searched with the user's own rights
        return [
            {**link._line_values(), "target": self.sudo()._choose_target(link).id}
            for link in self.application_id._links("base")
            if (link.auto or link.required) and link not in present
        ]

    def _choose_target(self, link):
        """Return the service that ``link`` should point to, or none.

        In order: what the service of the base and its parents have, the ``next`` of the
        application's link, the first fitting service that the user may use.

        :param link: ``clouder.application.link``
        """
        service = self.service_id
        for owner in service | service._ancestors():
            given = owner.link_ids.filtered(lambda line: line._same_target(link)).target
            inside = owner.child_ids.filtered(link._matches)
            if given or inside:
                return (given or inside)[:1]
        return link.next or service._fitting_services(link)[:1]

    def _option(self, name):
        """Return the value of an option: own line, application's, default.

        :param str name: name of the option of the base's type
        :return: str, or False
        """
        own = self.option_ids.filtered(lambda line: line.name.name == name)[:1]
        if own and (value := own._value()):
            return value
        for option in self.application_id._options("base"):
            if option.definition.name == name:
                return option.value
        return self.application_id._option(name)

    def _check_options(self):
        """Refuse a base without a value for a required option; name what is missing."""
        missing = [
            option.definition.name
            for option in self.application_id._options("base")
            if option.definition.required and not self._option(option.definition.name)
        ]
        if missing:
            raise ValidationError(
                self.env._(
                    "Base %(base)s needs a value for: %(options)s "
                    "(required options of %(application)s).",
                    base=self.fulldomain,
                    options=", ".join(missing),
                    application=self.application_id.name,
                )
            )

    def _check_links(self):
        """Refuse a base whose required links have no target; name what is missing."""
        linked = self.link_ids.filtered("target").application_link_id
        missing = self.application_id._links("base").filtered(
            lambda link: link.required and link not in linked
        )
        if missing:
            raise ValidationError(
                self.env._(
                    "Base %(base)s needs a link to: %(targets)s. Deploy such a service "
                    "first, or choose one.",
                    base=self.fulldomain,
                    targets=", ".join(missing.mapped("display_name")),
                )
            )
