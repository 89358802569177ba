from odoo import api, models
from odoo.exceptions import UserError

LINKS = ("clouder.service.link", "clouder.base.link")
PHASES = {
    "deploy": ("link_setup", "link_serve", "link_look"),
    "probe": ("link_look",),
    "withdraw": ("link_undo", "link_serve"),
}


class ClouderDriver(models.AbstractModel):
    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        """Add the life of one link."""
        return super()._phases() | {
            (model, action): hooks
            for model in LINKS
            for action, hooks in PHASES.items()
        }

    @api.model
    def _titles(self):
        return super()._titles() | {
            "link_setup": self.env._("Set up both sides"),
            "link_serve": self.env._("Publish"),
            "link_look": self.env._("Probe"),
            "link_undo": self.env._("Undo both sides"),
        }

    @api.private
    def link_setup(self, link):
        """Set up a link, and what builds on it, outside of its owner's deployment."""
        link._deploy_alone()

    @api.private
    def link_undo(self, link):
        """Undo a link outside of its owner's life."""
        link._withdraw_alone()

    @api.private
    def link_serve(self, link):
        """Have the targets serve what the link and those that build on it registered."""
        (link | link._followers())._publish_all()

    @api.private
    def link_look(self, link):
        """Look whether a link works.

        :raise ClouderError: it does not; noted on the link when the job has ended
        """
        error = link._is_probed() and link._probe()
        if error:
            raise error
        if link.state == "broken":
            # What can be seen works, but setting it up failed.
            raise UserError(link.reason)

    @api.private
    def link_provide(self, link):
        """Make the other side welcome (role, route, record); the target's driver does it.

        Called again and again: look, act if needed. ``link._facts()`` gives what was said
        before, so that a password stays the same.

        :param link: ``clouder.service.link`` or ``clouder.base.link``
        :return: dict of facts for the consumer: host, port, credentials …
        """
        return {}

    @api.private
    def link_after(self, link):
        """Return which other links of the same owner must be set up before this one.

        Asked of the target's driver. A DNS server comes after all that say which records
        they want (``dns_records`` in their facts); see ``link._siblings()``.

        :return: links of the same model
        """
        return link.browse()

    @api.private
    def link_consume(self, link, facts):
        """Adapt the own configuration to ``facts``; the driver of the link's owner does it."""

    @api.private
    def link_probe(self, link):
        """Look from the consumer's side whether the link works; the target's driver does it.

        :raise ClouderError: it does not, with the reason
        """

    @api.private
    def link_withdraw(self, link):
        """Undo ``link_provide``; must work when either side is already gone."""

    @api.private
    def link_suspend(self, link):
        """Turn people away from a base that rests; the target's driver does it.

        ``link.base_id.wanted`` says whether it is suspended or stopped. What
        ``link_provide`` set up stays, so that nothing is lost meanwhile; setting the link
        up again when the base is wanted ends it.
        """

    @api.private
    def link_forget(self, link):
        """Undo ``link_consume``; the driver of the link's owner does it."""

    @api.private
    def link_publish(self, link):
        """Make what ``link_provide`` or ``link_withdraw`` registered effective.

        The target's driver does it, for links that registered something
        (``link._is_published()``), in a step of its own under the target's lock. The
        registration is committed before: whoever publishes first carries the changes of
        all jobs that wait behind it.
        """
