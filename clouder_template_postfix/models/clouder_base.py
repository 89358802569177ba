from odoo import api, models


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    @api.model
    def _operator_hosts(self):
        """Add the domains that Clouder itself sends its mail from."""
        # sudo: which names are the operator's own counts, whoever asks for one
        env = self.sudo().env
        option = env.ref("clouder_template_postfix.option_own_domain")
        # Clouder sends through public ones only: no customer reserves names with his.
        public = [("type_id", "=", option.type_id.id), ("public", "=", True)]
        servers = env["clouder.service"].search(public)
        domains = {server._option(option.name) for server in servers}
        return super()._operator_hosts() | (domains - {"", False})
