from odoo import models
from odoo.exceptions import UserError


class ClouderOrder(models.Model):
    """The button that goes on with failed orders, as many as were chosen."""

    _inherit = "clouder.order"

    def action_retry(self):
        """Go on with failed orders, each for itself; tell which of several cannot."""
        if len(self) == 1:
            self.retry()
            return True
        self.check_access("write")
        reasons = {order: order._retry_alone() for order in self}
        return self._show_retried({order: why for order, why in reasons.items() if why})

    def _retry_alone(self):
        """Go on with this order without harm to others.

        :return: why it does not go on, "" when it does
        """
        try:
            with self.env.cr.savepoint():
                self.retry()
        except UserError as error:
            return str(error)
        if self.state in ("failed", "cancelled"):
            return self.error or self._shown_error()
        return ""

    def _show_retried(self, stopped):
        """Return the message about orders that were retried.

        :param dict stopped: why each one that does not go on does not
        """
        lines = [
            self.env._(
                "%(going)s of %(asked)s go on.",
                going=len(self) - len(stopped),
                asked=len(self),
            ),
            *(f"{order.display_name}: {reason}" for order, reason in stopped.items()),
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("The orders were tried again"),
                "message": "\n".join(lines),
                "type": "warning" if stopped else "success",
                "sticky": bool(stopped),
                # The list shows at once what is new.
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
