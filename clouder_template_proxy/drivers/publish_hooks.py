from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clouder.lib.errors import ClouderError, JobCancelled

BASE = "clouder.base"


class ClouderDriver(models.AbstractModel):
    """Publishing: what links registered reaches their targets in a step of its own.

    The registration is committed before the step takes the target's lock, so whoever
    publishes first carries the changes of all jobs that wait behind it.
    """

    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        phases = super()._phases()
        for key, hooks in phases.items():
            if key[0] == BASE:
                phases[key] = tuple(self._with_publish(hooks))
        return phases

    @api.model
    def _with_publish(self, hooks):
        for hook in hooks:
            yield hook
            if hook in ("base_links", "base_withdraw"):
                yield "base_publish"

    @api.model
    def _titles(self):
        return super()._titles() | {"base_publish": self.env._("Publish the links")}

    @api.private
    def base_publish(self, base):
        """Have the targets of the base's links serve what these links say."""
        for link in base.link_ids.filtered(lambda one: one._is_published()):
            try:
                link.target._driver().link_publish(link)
            except JobCancelled:
                raise
            except (ClouderError, UserError) as error:
                if link._must_be_published(error):
                    raise
                link._note(
                    link.state if link.state == "withdrawn" else "broken", str(error)
                )

    @api.private
    def link_publish(self, link):
        """Make what ``link_provide`` or ``link_withdraw`` registered effective.

        The target's driver does it, under the lock of the target. It is called for links
        that have registered something.
        """
