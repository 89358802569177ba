from odoo import models

from .link_withdraw import LINK_MODELS


class ClouderService(models.Model):
    """What the links to a service notice of its coming and going."""

    _inherit = "clouder.service"

    def _links_found(self):
        """Have the links that wait for these services looked at soon."""
        result = super()._links_found()
        self.env["clouder.base.link"]._target_is_back(self)
        waiting = [("state", "=", "waiting"), ("off", "=", False)]
        if any(self.env[model].search_count(waiting, limit=1) for model in LINK_MODELS):
            # sudo: wakes a scheduled action, and does nothing else
            self.env.ref("clouder.clouder_link_cron").sudo()._trigger()
        return result

    def _links_lost(self):
        """Note on the links to these services that nothing is there any more."""
        result = super()._links_lost()
        for model in LINK_MODELS:
            links = self.env[model].search(
                [("target", "in", self.ids), ("state", "in", ("deploying", "working"))]
            )
            for link in links:
                link._note(
                    "broken",
                    self.env._("%s was purged.", link.target.name),
                    probed=True,
                )
        return result
