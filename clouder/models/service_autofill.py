from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .customer import customer_domain


class ClouderService(models.Model):
    """What a new service takes from its application, in the form and over RPC alike."""

    _inherit = "clouder.service"

    @api.onchange("application_id", "environment_id", "node_id")
    def _onchange_application(self):
        """Suggest options, links, ports and volumes in the form."""
        if not self.application_id or self._origin:
            return
        for field, values in self._suggested_lines().items():
            self[field] = [fields.Command.clear()] + [
                fields.Command.create(line) for line in values
            ]

    def _suggested(self, name):
        application = self.application_id
        if name == "node_id":
            return self.parent_id.node_id or application.next_node_id
        if name == "image_id":
            return application.default_image_id
        if name == "image_version_id" and application:
            return application._image_version()
        if name == "backup_ids":
            return application.service_backup_ids
        return super()._suggested(name)

    def _suggested_lines(self):
        """Return the values of the lines that the application suggests, by field."""
        return {
            "option_ids": self._missing_options(),
            "link_ids": self._missing_links(),
            "port_ids": self._missing_ports(),
            "volume_ids": self._missing_volumes(),
        }

    def _autofill(self):
        """Complete new services with lines and sub-services, and check them."""
        for service in self:
            for field, values in service._suggested_lines().items():
                if values:
                    service[field] = [fields.Command.create(line) for line in values]
            service.link_ids._choose_targets()
            service._check_options()
            service._check_links()
        self.port_ids._allot_hostports()
        self._create_children()

    def _option_definitions(self):
        """Return the options a service may have: OptionValue of both its kinds."""
        application = self.application_id
        return application._options("service") + application._options("container")

    def _missing_options(self):
        """Return the values of the suggested option lines that are not there yet."""
        if self._form() == "none" and not self.application_id.child_ids:
            return []
        present = self.option_ids.name | self._inherited_options().name
        lines = []
        for option in self._option_definitions():
            definition = option.definition
            suggested = definition.auto or definition.required
            if not suggested or definition in present or self._is_for_child(definition):
                continue
            value = option.value or self._driver().option_default(definition, self)
            lines.append({"name": definition.id, "value": value or False})
        return lines

    def _inherited_options(self):
        """Return the option lines of the ancestors of the same type."""
        return (
            self._ancestors()
            .filtered(lambda one: one.type_id == self.type_id)
            .option_ids
        )

    def _is_for_child(self, definition):
        """Tell whether an option is limited by tags to one of the sub-services."""
        tags = set(definition.tag_ids.mapped("code"))
        return bool(tags) and not tags <= self.application_id._tag_codes()

    def _missing_links(self):
        present = self.link_ids.application_link_id
        # sudo: parents and their links count; services are searched with the user's own rights
        return [
            {**link._line_values(), "target": self.sudo()._choose_target(link).id}
            for link in self._wanted_links()
            if (link.auto or link.required or link.make_link) and link not in present
        ]

    def _wanted_links(self):
        """Return the application's links for this service.

        A service with sub-services also shows theirs that no part of the tree serves,
        so that their targets can be chosen in one place.
        """
        return self.application_id._service_links_of_tree()

    def _choose_target(self, link):
        """Return the service that ``link`` should point to, or none.

        In order: what the parents and their other sub-services offer, the ``next`` of
        the application's link, the first fitting service that the user may use.

        :param link: ``clouder.application.link``
        """
        for ancestor in self._ancestors():
            given = ancestor.link_ids.filtered(
                lambda line: line.application_link_id == link or line._same_target(link)
            ).target
            beside = ancestor.child_ids.filtered(link._matches) - self
            if given or beside:
                return (given or beside)[:1]
        if link.next:
            return link.next
        return self._fitting_services(link)[:1]

    def _fitting_services(self, link):
        """Return the services the user may use that ``link`` can point to, best first.

        A link that is only suggested does not reach into other environments, but for
        what is public there. Neither does a required one into those of other customers,
        whoever may use them: an administrator, an employee who looks after several, or
        Clouder itself when somebody ordered. They say so when it is meant, here or in
        the application's link.
        """
        domain = Domain("state", "!=", "purged") & Domain(
            "id", "not in", self._tree().ids
        )
        if link.make_link:
            domain &= Domain("node_id", "=", self.node_id.id)
        domain &= self._domain_to_choose(link.required)
        services = self.env["clouder.service"].sudo(False)
        # sudo: found with the user's own rights; what they are for is asked here
        found = services.search(Domain(link._target_domain()) & domain).sudo()
        return found.filtered(link._matches).sorted(
            lambda one: (
                one.environment_id != self.environment_id,
                one.state != "running",
                one.id,
            )
        )

    def _domain_to_choose(self, required):
        """Return the domain of the services that this one may be linked to by itself."""
        mine = self.environment_id
        domain = Domain("public", "=", True) | Domain("environment_id", "=", mine.id)
        if not required:
            return domain
        # sudo: whose a service is decides, whoever looks
        same = (
            self.env["clouder.environment"]
            .sudo()
            ._search(customer_domain("partner_id", mine.partner_id))
        )
        return domain | Domain("environment_id", "in", same)

    def _missing_ports(self):
        if self._form() != "process":
            return []
        present = set(self.port_ids.mapped("name"))
        return [
            {
                "name": port.name,
                "local_port": port.local_port,
                "expose": port.expose,
                "udp": port.udp,
                "hostport": port.local_port
                if port.use_hostport and self._may_publish(port.local_port)
                else 0,
            }
            for port in self.image_id.port_ids
            if port.expose != "none" and port.name not in present
        ]

    def _may_publish(self, number):
        """Tell whether the user may publish the port ``number`` of the service's node.

        Ports such as 25, 53, 80 and 443 exist once on a node that many share:
        administrators alone give them away.
        """
        user, node = self.env.user, self.node_id
        return (
            user._is_superuser()
            or user.has_group("clouder.group_administrator")
            or (bool(node) and node.start_port <= number <= node.end_port)
        )

    def _missing_volumes(self):
        if self._form() == "none":
            return []
        present = set(self.volume_ids.mapped("name"))
        names = ("name", "localpath", "user", "readonly", "no_backup")
        return [
            {name: volume[name] for name in names}
            for volume in self.image_id.volume_ids
            if volume.name not in present
        ]

    def _option(self, name):
        """Return the value of an option: own line, parents', application's, default.

        :param str name: name of the option of the service's type
        :return: str, or False
        """
        lines = (self.option_ids | self._inherited_options()).filtered(
            lambda line: line.name.name == name
        )
        for owner in (self, *self._ancestors()):
            for line in lines.filtered(
                lambda one, owner=owner: one.service_id == owner
            ):
                if value := line._value():
                    return value
        for option in self._option_definitions():
            if option.definition.name == name:
                return option.value
        return self.application_id._option(name)

    def _check_options(self):
        """Refuse a service without a value for a required option; name what is missing."""
        missing = [
            option.definition.name
            for option in self._option_definitions()
            if option.definition.required
            and not self._is_for_child(option.definition)
            and not self._option(option.definition.name)
        ]
        if missing:
            raise ValidationError(
                self.env._(
                    "Service %(service)s needs a value for: %(options)s "
                    "(required options of %(application)s).",
                    service=self.name,
                    options=", ".join(missing),
                    application=self.application_id.name,
                )
            )

    def _check_links(self):
        """Refuse a service whose required links have no target; name what is missing."""
        if self.application_id.child_ids:
            return
        linked = self.link_ids.filtered("target").application_link_id
        missing = self._wanted_links().filtered(
            lambda link: link.required and link not in linked
        )
        if missing:
            raise ValidationError(
                self.env._(
                    "Service %(service)s needs a link to: %(targets)s. Deploy such a "
                    "service first, or choose one.",
                    service=self.name,
                    targets=", ".join(missing.mapped("display_name")),
                )
            )
