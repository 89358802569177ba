from odoo import models
from odoo.fields import Domain

from .order_values import OrderRefused

# What was accepted in these has, or had, an instance.
ACCEPTED = ("confirmed", "deploying", "running", "failed")


class ClouderOrder(models.Model):
    """A trial is given once, whatever became of its instance."""

    _inherit = "clouder.order"

    def _check_trial(self):
        """Refuse the order of what is sold with a trial to who had it before.

        :raise OrderRefused: says so
        """
        if not self.application_id.web_trial_days:
            return
        earlier = Domain("application_id", "=", self.application_id.id)
        earlier &= Domain("id", "!=", self.id) & Domain("state", "in", ACCEPTED)
        if self.search_count(earlier & self._same_customer(), limit=1):
            raise OrderRefused(
                self.env._(
                    "You ordered %s before, and a trial is given once: write to us when "
                    "you want another instance.",
                    self.application_id._web_name(),
                )
            )

    def _same_customer(self):
        """Return the domain of the orders of this one's customer, under any address."""
        same = Domain("mailbox", "=", self.mailbox)
        customer = self._customer().commercial_partner_id
        if customer:
            same |= Domain("partner_id", "child_of", customer.ids)
        return same

    def _customer(self):
        """Return whose order this is, as far as he is known; empty for a stranger."""
        return self.partner_id or (self.user_id or self._known_user()).partner_id
