import json

from odoo import models


class ClouderLinkMixin(models.AbstractModel):
    """Undoes links although the records say that it was done."""

    _inherit = "clouder.link.mixin"

    def undo_again(self, facts):
        """Have both sides undo a link, as after a crash that came before it was noted.

        :param str facts: what the target said when the link was set up (JSON)
        :return: True
        """
        self.ensure_one()
        self.check_access("write")
        link = self.sudo()
        driver = link.target._driver()
        link.facts = json.dumps(json.loads(facts), sort_keys=True)
        driver.link_withdraw(link)
        link._owner()._driver().link_forget(link)
        if link.make_link:
            link._leave_networks()
        driver.link_publish(link)
        return True
