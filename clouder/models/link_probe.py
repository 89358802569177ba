"""Looking at links: on demand, after a deployment, and all the time by a cron."""

import collections
import datetime
import time

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.errors import ClouderError, JobCancelled
from .hosted_mixin import CHANGES
from .job import ACTIVE_STATES
from .link_withdraw import LINK_MODELS

PROBED_STATES = ("working", "broken")
# What jobs do with a side of a link that they look at themselves, or leave closed.
BUSY = (*CHANGES, "stop", "suspend")
# Minutes after which a link is looked at again: a little less than the cron's interval.
MINUTES = "clouder.link_minutes"
AGAIN_MINUTES = 4
# The cron does not wait for slow answers, and no target keeps it from the others.
SHORT = "clouder_short_probe"
SHORT_SECONDS = 10
TURN_SECONDS = 5
TURN_LOOKS = 10
TURN_MARKS = 200

Turn = collections.namedtuple("Turn", "links target before count")


class ClouderLinkMixin(models.AbstractModel):
    _inherit = "clouder.link.mixin"

    def _probe_all(self):
        """Look whether these links work, and note it.

        Those that could not be set up were noted already.

        :raise ClouderError: a required one does not
        """
        for link in self.filtered(lambda one: one._is_probed()):
            if link.incomplete:
                continue
            error = link._probe()
            if error and link.required:
                link._blame(error)
                raise error

    def _is_probed(self):
        return bool(
            self.target and not self.off and self.state in ("deploying", *PROBED_STATES)
        )

    def _probe(self):
        """Look whether this link works, note it, and return the error if there is one."""
        self.ensure_one()
        try:
            self.target._driver().link_probe(self)
        except JobCancelled:
            raise
        except (ClouderError, UserError) as error:
            self._note_broken(str(error))
            return error
        if self.incomplete:
            self.probed_at = fields.Datetime.now()
        else:
            self._note("working", probed=True)
        return None

    def _probe_seconds(self, usual):
        """Return how long a probe may wait for what it looks for.

        :param usual: the seconds when somebody waits for the outcome
        """
        return min(usual, SHORT_SECONDS) if self.env.context.get(SHORT) else usual

    @api.model
    def _cron_probe(self):
        """Look at all links that were not looked at for some minutes.

        The targets have their turns one after the other, the one first that had none for
        the longest time. When one is dead, a single look marks all its links.
        """
        cron, states = self.env["ir.cron"], {}
        turns = [turn for name in LINK_MODELS for turn in self.env[name]._probe_turns()]
        turns.sort(key=lambda turn: (turn.before, turn.target.id))
        cron._commit_progress(remaining=sum(turn.count for turn in turns))
        for turn in turns:
            if not turn.links._probe_turn(turn.target, states):
                return

    def _probe_turns(self):
        """Return which targets have links of this kind to look at (list of ``Turn``)."""
        live = self._probe_domain()
        last = dict(self._read_group(live, ["target"], ["probed_at:max"]))
        due = self._read_group([*live, *self._probe_due()], ["target"], ["__count"])
        never = datetime.datetime.min
        return [
            Turn(self.browse(), target, last.get(target) or never, count)
            for target, count in due
        ]

    def _probe_domain(self):
        """Return the search domain of the links that are looked at at all.

        Where a job changes one of the sides just now, it looks itself.
        """
        busy = self._busy_records()
        return [
            ("state", "in", PROBED_STATES),
            ("off", "=", False),
            ("target", "!=", False),
            (f"{self._owner_field}.state", "in", self._owner_states),
            ("id", "not in", busy[self._name]),
            "!",
            ("target", "child_of", busy["clouder.service"]),
            *self._busy_owners(busy),
        ]

    @api.model
    def _busy_records(self):
        """Return the ids of what jobs change just now, by model (defaultdict of list)."""
        # sudo: jobs of everybody keep a link busy; only ids are returned
        groups = (
            self.env["clouder.job"]
            .sudo()
            ._read_group(
                [("state", "in", ACTIVE_STATES), ("action", "in", BUSY)],
                ["res_model"],
                ["root_id:array_agg"],
            )
        )
        return collections.defaultdict(list, groups)

    @api.model
    def _busy_owners(self, busy):
        """Return the search domain of the links whose owner is not among ``busy``."""
        return [(self._owner_field, "not in", busy["clouder.base"])]

    @api.model
    def _probe_due(self):
        """Return the search domain of the links whose turn it is."""
        # sudo: a setting that is no secret
        minutes = self.env["ir.config_parameter"].sudo().get_param(MINUTES)
        before = fields.Datetime.subtract(
            fields.Datetime.now(), minutes=int(minutes or AGAIN_MINUTES)
        )
        return ["|", ("probed_at", "=", False), ("probed_at", "<=", before)]

    def _probe_turn(self, target, states):
        """Look at some links to ``target``, or mark them when it is dead.

        :param dict states: what is known of targets: "" for alive, or why one is not
        :return: whether there is time left
        """
        cron, links = self.env["ir.cron"], self.browse()
        reason = states.get(target) or target._why_away()
        begun = time.monotonic()
        if not reason:
            links = self._probe_next(target, TURN_LOOKS)
        for link in links.with_context(**{SHORT: True}):
            failed = link._is_still_probed() and link._probe()
            if failed and target not in states:
                states[target] = target._why_dead(SHORT_SECONDS)
            if not cron._commit_progress(1):
                return False
            if states.get(target) or time.monotonic() - begun > TURN_SECONDS:
                break
        reason = reason or states.get(target)
        for link in self._probe_next(target, TURN_MARKS) if reason else ():
            if link._is_still_probed():
                link._note_broken(reason)
            if not cron._commit_progress(1):
                return False
        return True

    def _is_still_probed(self):
        """Tell, in a transaction that began just now, whether it is to be looked at."""
        self.invalidate_recordset()
        return self._is_probed()

    def _probe_next(self, target, limit):
        """Return the links to ``target`` that were looked at longest ago."""
        return self.search(
            [*self._probe_domain(), *self._probe_due(), ("target", "=", target.id)],
            order="probed_at NULLS FIRST, id",
            limit=limit,
        )
