"""What a customer sees of his instances, and what he may ask for."""

import math

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from odoo.addons.clouder.models.job import ACTIVE_STATES

# A field of a base is closed to customers unless it stands here.
PORTAL_FIELDS = frozenset(
    {
        "id",
        "display_name",
        "create_date",
        "delete_on",
        "write_date",
        "deployed_at",
        "fulldomain",
        "lang",
        "name",
        "size_at",
        "size_database",
        "size_files",
        "state",
        "suspend_reason",
        "title",
        "trial_end",
    }
)

DOMAIN_VERBS = ("domain", "domain-check", "domain-remove")


class ClouderBase(models.Model):
    _inherit = "clouder.base"

    @api.model
    def _portal_fields(self):
        """Return the names of the fields that customers may read."""
        return PORTAL_FIELDS

    @api.model
    def _has_field_access(self, field, operation):
        """Close to customers what is not meant for them.

        Searches, groups, exports and orders over a field ask here, too.
        """
        if not super()._has_field_access(field, operation):
            return False
        if self.env.su or not self.env.user._is_portal():
            return True
        return operation == "read" and field.name in self._portal_fields()

    @api.model
    def _portal_domain(self):
        """Return the domain of the bases of the user's company, whoever he is."""
        customer = self.env.user.commercial_partner_id
        return Domain("environment_id.partner_id", "child_of", customer.id)

    @api.model
    def _portal_find(self, base_id):
        """Return the base ``base_id`` (sudo), empty when it is not the user's."""
        own = self._portal_domain() & Domain("id", "=", base_id)
        # sudo: within the domain of the user's own bases; this is where it is decided
        return self.sudo().search(own, limit=1)

    @api.model
    def _portal_states(self):
        """Return what customers read for each state: (words, colour of Bootstrap)."""
        return {
            "draft": (self.env._("In preparation"), "secondary"),
            "deploying": (self.env._("Being worked on"), "info"),
            "running": (self.env._("Running"), "success"),
            "stopped": (self.env._("Stopped"), "warning"),
            "suspended": (self.env._("Suspended"), "warning"),
            "failed": (self.env._("Out of order"), "danger"),
            "purged": (self.env._("Deleted"), "secondary"),
        }

    def _portal_state(self):
        """Return the words and the colour for the state of this base."""
        return self._portal_states().get(self.state, (self.state, "secondary"))

    @api.model
    def _portal_bytes(self, size):
        """Return ``size`` (bytes) for people, in their language."""
        units = (
            self.env._("bytes"),
            self.env._("kB"),
            self.env._("MB"),
            self.env._("GB"),
            self.env._("TB"),
        )
        power = min(int(math.log(size, 1024)), len(units) - 1) if size >= 1 else 0
        number = formatLang(self.env, size / 1024**power, 1 if power > 1 else 0)
        return f"{number}\N{NO-BREAK SPACE}{units[power]}"

    def _portal_size(self):
        """Return the size for people; empty when it was never measured."""
        size = self.size_database + self.size_files
        return self._portal_bytes(size) if size else ""

    def _portal_size_parts(self):
        """Return what the size consists of, for people."""
        return self.env._(
            "database %(database)s, files %(files)s",
            database=self._portal_bytes(self.size_database),
            files=self._portal_bytes(self.size_files),
        )

    @api.model
    def _portal_health(self):
        """Return what customers read for the health of a link: (words, colour)."""
        return {
            "working": (self.env._("Works"), "success"),
            "waiting": (self.env._("Is being set up"), "info"),
            "broken": (self.env._("Does not work"), "danger"),
        }

    def _portal_links(self):
        """Return how each link is: list of (what it links to, words, colour)."""
        words = self._portal_health()
        named = {"working": "working", "broken": "broken"}
        return [
            (
                link.target_application_id.name or link.tag_id.name,
                *words[named.get(link.state, "waiting")],
            )
            for link in self.link_ids
            if link.target and not link.off and link.state != "withdrawn"
        ]

    @api.model
    def _portal_domain_states(self):
        """Return what customers read for each state of an own domain."""
        return {
            "working": (self.env._("Works"), "success"),
            "waiting": (self.env._("Waiting"), "info"),
            "broken": (self.env._("Does not work"), "danger"),
        }

    def _portal_jobs(self, limit=None):
        """Return the newest jobs of this base."""
        domain = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        return self.env["clouder.job"].search(domain, limit=limit)

    def _portal_busy(self):
        """Tell whether a job works on this base."""
        return self._portal_jobs(1).state in ACTIVE_STATES

    @api.model
    def _portal_reasons(self):
        """Return what customers read for why an instance is suspended."""
        return {
            "trial": self.env._(
                "The trial is over. Tell us when you want to keep the instance."
            ),
            "payment": self.env._("A payment is missing."),
            "deletion": "",
            "manual": self.env._("Ask us why, and when it comes back."),
        }

    def _portal_reason(self):
        """Return why this base is suspended, in words; empty when it is not."""
        if self.state != "suspended":
            return ""
        return self._portal_reasons().get(self.suspend_reason, "")

    def _portal_verbs(self):
        """Return what a customer may ask for in the present state (set of verbs)."""
        self.ensure_one()
        if self.wanted == "purged" or self.state in ("draft", "purged"):
            return set()
        if self._portal_busy():
            return self._portal_verbs_running() & {"open"}
        if self.delete_on:
            return {"keep"}
        # What failed may run again by now, as its node was away: a restart tells. One
        # that was stopped stays so: whoever stopped it starts it.
        if self.state == "failed" and self.deployed_at and self.wanted == "running":
            return {"delete", "restart"}
        return {"delete"} | self._portal_verbs_running()

    def _portal_verbs_running(self):
        """Return what only an instance that runs can do (set of verbs)."""
        if self.state != "running":
            return set()
        verbs = {"restart", "title", *DOMAIN_VERBS}
        if self.poweruser_name:
            verbs |= {"open", "password"}
        return verbs | ({"reset"} if self.reset_id._has_data() else set())
