"""Links set up by themselves: when a fitting service appears, or the other side is back."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .link_repair import later
from .link_withdraw import LINK_MODELS

BATCH = 100
# So many broken links of one target are set up again at a time.
REPAIRS = 10
LOOK_SECONDS = 10


class ClouderLinkMixin(models.AbstractModel):
    _inherit = "clouder.link.mixin"

    @api.model
    def _cron_fill(self):
        """Queue the links that wait for a service which is there now, and broken ones.

        A required link that is broken is its owner's affair: it is not touched.
        """
        cron, kinds = self.env["ir.cron"], [self.env[name] for name in LINK_MODELS]
        groups = [group for links in kinds for group in links._waiting_groups()]
        broken = [(links, one) for links in kinds for one in links._broken_targets()]
        waiting = sum(links.search_count(domain) for links, domain in groups)
        cron._commit_progress(remaining=waiting + len(broken))
        for links, domain in groups:
            for link in links.search(domain, order="next_try NULLS FIRST", limit=BATCH):
                link._for_upkeep()._fill()
                if not cron._commit_progress(1):
                    return
        for links, target in broken:
            links._repair(target)
            if not cron._commit_progress(1):
                return

    @api.model
    def _due(self):
        """Return the search domain of the links in use whose turn it is."""
        return [
            ("off", "=", False),
            (f"{self._owner_field}.state", "in", self._owner_states),
            "|",
            ("next_try", "=", False),
            ("next_try", "<=", fields.Datetime.now()),
        ]

    @api.model
    def _waiting_groups(self):
        """Return search domains of links that wait for what is there.

        :return: list of (model of links, domain)
        """
        waiting = [("state", "=", "waiting"), ("auto", "=", True), *self._due()]
        return [
            (
                self.browse(),
                [
                    *waiting,
                    ("target_application_id", "=", application.id),
                    ("tag_id", "=", tag.id),
                ],
            )
            for application, tag in self._read_group(
                waiting, ["target_application_id", "tag_id"]
            )
            if self._services_of(application, tag)
        ]

    @api.model
    def _broken_domain(self):
        return [("state", "=", "broken"), ("required", "=", False), *self._due()]

    @api.model
    def _broken_targets(self):
        """Return the services with broken links to be set up again."""
        return [one for [one] in self._read_group(self._broken_domain(), ["target"])]

    @api.model
    def _repair(self, target):
        """Queue some of the broken links to ``target``; when it is dead, none."""
        domain = [*self._broken_domain(), ("target", "=", target.id)]
        if not target._can_be_asked() or target._why_dead(LOOK_SECONDS):
            self.search(domain).next_try = later()
            return
        for link in self.search(domain, order="next_try, id", limit=REPAIRS):
            link._for_upkeep()._fill()

    def _services_of(self, application, tag):
        """Return a running service that links to ``application`` or ``tag`` may use."""
        domain = [("state", "=", "running")]
        if application:
            domain.append(("application_id", "=", application.id))
        else:
            domain += [
                "|",
                ("application_id.tag_ids", "=", tag.id),
                ("application_id.type_id.tag_ids", "=", tag.id),
            ]
        return self.env["clouder.service"].search(domain, limit=1)

    def _fill(self):
        """Choose a target, with the rights of who made the owner, and have it set up."""
        self.next_try = later(self.failures + 1)
        owner = self._owner()
        if not self.target and self.application_link_id:
            # sudo: parents and their links count; services are searched with the maker's own rights
            maker = owner.with_user(owner.create_uid).sudo()
            self.target = maker._choose_target(self.application_link_id).id
        if not self.target._can_be_asked() or self.active_job_id:
            return
        try:
            self._enqueue("deploy")
        except UserError as error:
            # A full queue: its turn comes again.
            if self.state == "waiting":
                self.reason = str(error)
