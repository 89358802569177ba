from odoo import models

from ..lib.errors import ClouderError, JobCancelled
from .link_withdraw import LINK_MODELS


class ClouderService(models.Model):
    """What the links to a service notice of its coming and going."""

    _inherit = "clouder.service"

    def _links_found(self):
        """Have the links that wait for these services looked at soon."""
        result = super()._links_found()
        self.env["clouder.base.link"]._target_is_back(self)
        return result

    def _why_away(self):
        """Return why nobody can be asked at this service's node, or ""."""
        node = self.node_id
        if node.state != "offline":
            return ""
        return self.env._(
            "Node %(node)s, where %(target)s lives, is offline: %(error)s",
            node=node.name,
            target=self.name,
            error=node.error or "-",
        )

    def _why_dead(self, seconds):
        """Look whether this service is alive; return why it is not, or "".

        :param seconds: how long to wait for its answer
        """
        service = self._exec_service()
        if reason := service._why_away():
            return reason
        if service._form() != "process":
            return ""
        argv = service._driver().service_health(service)
        try:
            if argv:
                service._runner().exec(service, argv, timeout=seconds)
            else:
                service._runner().container_ready(service, [], 0)
        except JobCancelled:
            raise
        except ClouderError as error:
            return str(error)
        return ""

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
