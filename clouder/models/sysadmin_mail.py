from odoo import api, models
from odoo.tools import plaintext2html


class ClouderSysadmin(models.AbstractModel):
    """Tells the system administrator of the settings, by mail, what went wrong."""

    _name = "clouder.sysadmin"
    _description = "Mail to the System Administrator"

    @api.model
    def _tell(self, subject, *paragraphs):
        """Send a mail to the address of the settings; without one, nothing happens.

        :param paragraphs: texts; empty ones are left out
        """
        # sudo: a system parameter of the settings
        parameters = self.env["ir.config_parameter"].sudo()
        address = parameters.get_param("clouder.email_sysadmin")
        if not address:
            return
        # sudo: a mail to the address of the settings alone
        self.env["mail.mail"].sudo().create(
            {
                "email_to": address,
                "subject": subject,
                "body_html": plaintext2html("\n\n".join(filter(None, paragraphs))),
                "auto_delete": True,
            }
        )


class ClouderJob(models.Model):
    _inherit = "clouder.job"

    def _end(self, state, error=False, detail=False, tell=True):
        result = super()._end(state, error, detail, tell)
        if state == "failed":
            self.env["clouder.sysadmin"]._tell(
                self.env._("Clouder: a job failed: %s", self.name),
                error,
                detail,
                self.get_base_url() + f"/odoo/clouder.job/{self.id}",
            )
        return result


class ClouderNode(models.Model):
    _inherit = "clouder.node"

    def _note_offline(self, error):
        news = self.filtered(lambda node: node.state != "offline")
        result = super()._note_offline(error)
        for node in news:
            self.env["clouder.sysadmin"]._tell(
                self.env._("Clouder: node %s does not answer", node.name), error
            )
        return result
