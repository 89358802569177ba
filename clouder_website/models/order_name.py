from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.clouder.lib import names
from odoo.addons.clouder.lib.errors import NameRefused

from ..lib.visitor import is_reserved
from .order import HOLDING
from .order_values import OrderRefused


class ClouderOrder(models.Model):
    """Which names can be had."""

    _inherit = "clouder.order"

    @api.model
    def _check_name_free(self, application, name, domain, own=None):
        """Raise OrderRefused unless ``name`` is valid and free in ``domain``."""
        state, sentence = self._name_state(application, name, domain, own)
        if state != "free":
            raise OrderRefused(sentence, "name")

    @api.model
    def _name_state(self, application, name, domain, own=None):
        """Tell whether ``name`` can be ordered.

        :param application: ``clouder.application``, sudo
        :param str name: what was typed, in small letters
        :param domain: ``clouder.domain``, sudo
        :param own: orders that hold no name against this visitor: see :meth:`_waiting`
        :return: ``(state, sentence)``; the state is free, taken or invalid
        """
        try:
            self._check_form(application, name, domain)
        except (NameRefused, UserError):
            return "invalid", self.env._(
                "Use small letters, digits and hyphens between them."
            )
        host = f"{name}.{domain.name}"
        if is_reserved(name) or self._is_own_host(host):
            return "taken", self.env._("This name is reserved: choose another one.")
        if self._is_taken(name, domain, own):
            return "taken", self.env._("This name is taken: choose another one.")
        return "free", self.env._("%s is free.", host)

    @api.model
    def _check_form(self, application, name, domain):
        names.check_base_name(name)
        host = names.base_fulldomain(name, domain.name)
        names.database_names(host, application.type_id._database_suffixes())

    @api.model
    def _is_own_host(self, host):
        """Tell whether ``host``, or a name below it, is Clouder's own or a node's."""
        if self.env["clouder.base"]._is_operator_host(host):
            return True
        nodes = self.env["clouder.node"].with_context(active_test=False)
        below = Domain("name", "=", host) | Domain("name", "=like", f"%.{host}")
        return bool(nodes.search_count(below, limit=1))

    @api.model
    def _is_taken(self, name, domain, own=None):
        host = f"{name}.{domain.name}"
        # It may be somebody else's, and what it is used for is his to say.
        if self.env["clouder.domain"].search_count([("name", "=", host)], limit=1):
            return True
        bases = self.env["clouder.base"]
        held = [
            ("base_name", "=", name),
            ("domain_id", "=", domain.id),
            ("state", "in", HOLDING),
            ("id", "not in", own.ids if own else []),
            "|",
            ("state", "!=", "new"),
            ("token_expires", ">", fields.Datetime.now()),
        ]
        return bool(
            bases.search_count(
                [
                    ("fulldomain", "=", host),
                    ("state", "!=", "purged"),
                ],
                limit=1,
            )
            or self.search_count(held, limit=1)
        )

    @api.model
    def _release_expired(self, name=None, domain=None):
        """Give free the names of orders that nobody confirmed in time."""
        late = [("state", "=", "new"), ("token_expires", "<=", fields.Datetime.now())]
        if name is not None:
            late += [("base_name", "=", name), ("domain_id", "=", domain.id)]
        orders = self.search(late, limit=1000)
        orders.write({"state": "expired"})
        return orders
