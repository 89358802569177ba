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
# Minutes after which a link is looked at again: a little less than the cron's interval,
# and longer where so many links are that a minute would have more looks than these.
MINUTES = "clouder.link_minutes"
AGAIN_MINUTES = 4
PER_MINUTE = 60
CRON = "clouder.clouder_link_cron_probe"
# The cron does not wait for slow answers, and no target keeps it from the others.
SHORT = "clouder_short_probe"
SHORT_SECONDS = 10
TURN_SECONDS = 5
TURN_LOOKS = 10
TURN_MARKS = 200

Turn = collections.namedtuple("Turn", "links target before count")


class Run:
    """One run of the cron: what it may still do, and what it knows.

    :param before: a link that was not looked at since then has its turn (datetime)
    """

    def __init__(self, before):
        self.before = before
        # How many links had their turn coming when it began, and how many still have.
        self.due = self.left = 0
        self.looks = PER_MINUTE
        # What is known of targets: "" for alive, or why one is not.
        self.states = {}

    def share(self, turn):
        """Return how many looks the target of ``turn`` has; the rest is for the others."""
        fair = PER_MINUTE * turn.count // self.due
        return min(max(fair, TURN_LOOKS), self.looks)


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

    def _is_looked_at_often(self):
        """Tell whether it is the cron that looks, which comes again and again."""
        return bool(self.env.context.get(SHORT))

    def _probe_seconds(self, usual):
        """Return how long a probe may wait for what it looks for.

        :param usual: the seconds when somebody waits for the outcome
        """
        return min(usual, SHORT_SECONDS) if self._is_looked_at_often() else usual

    @api.model
    def _cron_probe(self):
        """Look at links that were not looked at for some minutes, at so many at most.

        The targets have their turns one after the other, the one first that had none for
        the longest time. When one is dead, a single look marks all its links. What is
        left has its turn a minute later.
        """
        cron, run = self.env["ir.cron"], Run(self._probe_before())
        turns = [
            turn for name in LINK_MODELS for turn in self.env[name]._probe_turns(run)
        ]
        turns.sort(key=lambda turn: (turn.before, turn.target.id))
        run.due = run.left = sum(turn.count for turn in turns)
        cron._commit_progress(remaining=run.left)
        for turn in turns:
            if not turn.links._probe_turn(turn, run):
                break
        if run.left > 0:
            self._probe_soon()
            # Else Odoo would repeat this again and again while the other crons wait.
            cron._commit_progress(remaining=0)

    @api.model
    def _probe_soon(self):
        """Have the cron come back in a minute."""
        # sudo: wakes a scheduled action, and does nothing else
        cron = self.env.ref(CRON).sudo()
        now = fields.Datetime.now()
        coming = [("cron_id", "=", cron.id), ("call_at", ">", now)]
        if not cron.env["ir.cron.trigger"].search_count(coming, limit=1):
            cron._trigger(fields.Datetime.add(now, minutes=1))

    def _probe_turns(self, run):
        """Return which targets have links of this kind to look at (list of ``Turn``)."""
        live = self._probe_domain()
        last = dict(self._read_group(live, ["target"], ["probed_at:max"]))
        due = self._read_group([*live, *self._probe_due(run)], ["target"], ["__count"])
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
    def _probe_before(self):
        """Return since when a link was not looked at whose turn it is (datetime)."""
        # sudo: a setting that is no secret
        minutes = self.env["ir.config_parameter"].sudo().get_param(MINUTES)
        if not minutes:
            kinds = [self.env[name] for name in LINK_MODELS]
            count = sum(links.search_count(links._probe_domain()) for links in kinds)
            minutes = max(AGAIN_MINUTES, count // PER_MINUTE)
        return fields.Datetime.subtract(fields.Datetime.now(), minutes=int(minutes))

    @api.model
    def _probe_due(self, run):
        """Return the search domain of the links whose turn it is."""
        return ["|", ("probed_at", "=", False), ("probed_at", "<=", run.before)]

    def _probe_turn(self, turn, run):
        """Look at some links to a target, or mark them when it is dead.

        :return: whether there is time left
        """
        target, links, states = turn.target, self.browse(), run.states
        reason = states.get(target) or target._why_away()
        begun, share = time.monotonic(), run.share(turn)
        if share and not reason:
            links = self._probe_next(target, share, run)
        for link in links.with_context(**{SHORT: True}):
            run.looks -= 1
            failed = link._is_still_probed() and link._probe()
            if failed and target not in states:
                states[target] = target._why_dead(SHORT_SECONDS)
            if not self._probe_counted(run):
                return False
            if states.get(target) or time.monotonic() - begun > TURN_SECONDS:
                break
        reason = reason or states.get(target)
        for link in self._probe_next(target, TURN_MARKS, run) if reason else ():
            if link._is_still_probed():
                link._note_broken(reason)
            if not self._probe_counted(run):
                return False
        return True

    def _probe_counted(self, run):
        """Commit what was noted on one link; return whether there is time left."""
        run.left -= 1
        return bool(self.env["ir.cron"]._commit_progress(1))

    def _is_still_probed(self):
        """Tell, in a transaction that began just now, whether it is to be looked at."""
        self.invalidate_recordset()
        return self._is_probed()

    def _probe_next(self, target, limit, run):
        """Return the links to ``target`` that were looked at longest ago."""
        return self.search(
            [*self._probe_domain(), *self._probe_due(run), ("target", "=", target.id)],
            order="probed_at NULLS FIRST, id",
            limit=limit,
        )
