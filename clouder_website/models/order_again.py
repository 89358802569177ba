from odoo import api, fields, models
from odoo.fields import Domain


class ClouderOrder(models.Model):
    """The same visitor orders once more: by a second click, or because he mistyped."""

    _inherit = "clouder.order"

    @api.model
    def _waiting(self, ids):
        """Return those of the orders with ``ids`` that nobody confirmed so far.

        :param ids: what the session of the visitor has noted, and nothing else. His
            address is no proof: whoever types somebody else's would take away his order.
        """
        return self.search([("id", "in", ids), ("state", "=", "new")])

    @api.model
    def _sent_already(self, form_digest):
        """Return the order that was made of the very form which is sent once more.

        :param str form_digest: of the form's token and what was typed; may be empty
        :return: the order; empty for none, or for one whose name is free again
        """
        if not form_digest:
            return self.browse()
        in_time = Domain("token_expires", ">", fields.Datetime.now())
        alive = Domain("state", "not in", ("new", "expired", "cancelled"))
        alive |= Domain("state", "=", "new") & in_time
        return self.search(alive & Domain("form_digest", "=", form_digest), limit=1)

    @api.model
    def _sent_meanwhile(self, form_digest):
        """Tell whether another transaction has just made the order of the same form.

        This one still sees things as they were when it began.
        """
        if not form_digest:
            return False
        with self.env["clouder.order.attempt"]._cursor() as cr:
            # sudo: a cursor of its own, to see what others wrote; only whether is told
            orders = self.with_env(self.env(cr=cr, su=True))
            return bool(orders._sent_already(form_digest))

    def _make_way(self):
        """Give up the names of these orders at once, for another order of the visitor."""
        self._cancel(self.env._("The visitor ordered the same name once more."))
        self.flush_recordset()
