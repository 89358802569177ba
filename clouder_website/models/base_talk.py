"""What is said about a base stays among those who run it.

Customers read their bases, and Odoo gives who reads a record its messages, the files
on it, and the right to follow it.
"""

from odoo import models
from odoo.exceptions import AccessError

BASE = "clouder.base"


class ClouderBase(models.Model):
    _inherit = BASE

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Have customers read no messages: they lack the right to write."""
        if message_operation == "read" and self.env.user._is_portal():
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Override of `mail`: a customer does not become a follower by himself."""
        if not self.env.su and self.env.user._is_portal():
            raise AccessError(self.env._("Only those who run it follow an instance."))
        return super().message_subscribe(partner_ids, subtype_ids)


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _inaccessible_comodel_records(self, model_and_ids, operation):
        """Have the files on bases closed to customers."""
        if not self.env.su and self.env.user._is_portal():
            for res_id in filter(None, model_and_ids.get(BASE, ())):
                yield BASE, res_id
        yield from super()._inaccessible_comodel_records(model_and_ids, operation)
