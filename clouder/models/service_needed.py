from odoo import models
from odoo.exceptions import UserError

from . import job_context

IN_USE = ("deploying", "working", "broken")
SHOWN = 10


class ClouderService(models.Model):
    """Who needs a service: what hangs on it must go before it does."""

    _inherit = "clouder.service"

    def _check_not_needed(self):
        """Refuse to take these services away while bases or other services need them.

        :raise UserError: says which, as far as who asked may see them, and how many
        """
        for service in self:
            bases = service._needing_bases()
            if bases:
                raise UserError(
                    self.env._(
                        "Service %(service)s still hosts bases: %(bases)s. "
                        "Purge them first.",
                        service=service.name,
                        bases=self._listing(bases),
                    )
                )
            service._check_not_linked()

    def _check_not_linked(self):
        """Refuse to take this service away while others are linked to it."""
        services, bases = self._linked_from()
        users = self._listing(services)
        if bases:
            count = self.env._("bases: %s", len(bases))
            users = f"{users} ({count})" if users else count
        if users:
            raise UserError(
                self.env._(
                    "Service %(service)s is needed by %(users)s, which are linked to it. "
                    "Purge them, or withdraw their links, first.",
                    service=self.name,
                    users=users,
                )
            )

    def _affected(self):
        """Return the services that cannot do without this one: its tree, and more.

        A service is not whole without a sub-service that its application requires.
        """
        above = self._ancestors() if self.application_id.required else self.browse()
        return self._tree() | above

    def _needing_bases(self):
        """Return the bases that live in this service and are not gone."""
        # sudo: what needs the service may be another customer's; names are masked for who asks
        return self.sudo()._affected().base_ids.filtered(self._is_there)

    @staticmethod
    def _is_there(record):
        return record.state not in ("draft", "purged")

    def _linked_from(self):
        """Return the services of other trees with a link here in use, and the bases.

        :return: (services, bases of these services or with such a link of their own)
        """
        # sudo: what needs the service may be another customer's; names are masked for who asks
        service = self.sudo()
        tree = service._root()._tree()
        used = [("target", "in", service._affected().ids), ("state", "in", IN_USE)]
        # sudo: what needs the service may be another customer's; names are masked for who asks
        links = self.env["clouder.service.link"].sudo().search(used)
        services = links.service_id - tree
        # sudo: what needs the service may be another customer's; names are masked for who asks
        roots = self.browse().union(*(one._root() for one in services)).sudo()
        bases = roots._tree().base_ids.filtered(self._is_there)
        # sudo: what needs the service may be another customer's; names are masked for who asks
        links = self.env["clouder.base.link"].sudo().search(used)
        return services, bases | links.base_id

    def _listing(self, records):
        """Return the names of ``records`` that who asked may see, and how many more."""
        seen = records.with_user(self._who_asks())._filtered_access("read")
        names = seen.mapped("display_name")[:SHOWN]
        if hidden := len(records) - len(names):
            names.append(self.env._("%s more", hidden))
        return ", ".join(names)

    def _who_asks(self):
        """Return the user who asked for what is being done."""
        running = job_context.current()
        if running is None:
            return self.env.user
        return self.env["clouder.job"].browse(running.job_id).user_id or self.env.user
