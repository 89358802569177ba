"""Who is told when a customer asks for the deletion of an instance."""

from odoo import models

ACTIVITY = "clouder_website.mail_activity_type_deletion"
MAIL = "clouder_website.mail_template_portal_deletion"


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    def _portal_tell_deletion(self):
        """Confirm the deletion to the customer by mail, and tell who runs the base."""
        self.ensure_one()
        self.env.ref(MAIL).send_mail(
            self.id, email_layout_xmlid="mail.mail_notification_light"
        )
        self.activity_schedule(
            ACTIVITY,
            date_deadline=self.delete_on,
            note=self.env._(
                "%(user)s asked for the deletion of %(base)s.",
                user=self.env.user.name,
                base=self.fulldomain,
            ),
            user_id=self._manager().id,
        )

    def _portal_forget_deletion(self):
        """Take back what was left to do about a deletion."""
        self.activity_unlink([ACTIVITY])

    def _portal_recipients(self):
        """Return the partners that a mail about this base goes to."""
        return self.environment_id.partner_id | self.env.user.partner_id
