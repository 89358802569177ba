import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..lib.errors import ClouderError, JobCancelled


class ClouderLinkMixin(models.AbstractModel):
    """A link from a service or base to a service of another application.

    Both sides configure themselves: the target's driver says how it is reached
    (``link_provide``), the owner's driver uses that (``link_consume``).
    """

    _name = "clouder.link.mixin"
    _inherit = ["clouder.derived.mixin", "clouder.secret.mixin"]
    _description = "Link"
    _rec_name = "code"

    application_link_id = fields.Many2one(
        "clouder.application.link", ondelete="set null", index="btree_not_null"
    )
    target_application_id = fields.Many2one("clouder.application", ondelete="restrict")
    tag_id = fields.Many2one("clouder.application.tag", ondelete="restrict")
    code = fields.Char(
        string="To", compute="_compute_code", store=True, help="What it links to."
    )
    target = fields.Many2one("clouder.service", ondelete="restrict", index=True)
    required = fields.Boolean()
    auto = fields.Boolean(default=True)
    make_link = fields.Boolean(string="Direct docker link")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("deploying", "Deploying"),
            ("working", "Working"),
            ("broken", "Broken"),
            ("withdrawn", "Withdrawn"),
            ("delegated", "Passed on to the sub-services"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    reason = fields.Char(readonly=True, copy=False)
    facts = fields.Text(
        compute="_compute_secrets",
        inverse="_inverse_facts",
        readonly=True,
        groups="clouder.group_administrator",
        copy=False,
    )
    facts_encrypted = fields.Text(groups=fields.NO_ACCESS, copy=False)
    probed_at = fields.Datetime(readonly=True, copy=False)

    def _inverse_facts(self):
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "Only the target of a link says how it is reached: deploy the link "
                    "again instead of writing it."
                )
            )
        self._inverse_secrets()

    @api.depends("target_application_id.code", "tag_id.code")
    def _compute_code(self):
        for link in self:
            link.code = link.target_application_id.code or link.tag_id.code

    def _owner(self):
        """Return the service or base that this link belongs to."""
        raise NotImplementedError

    def _consumer(self):
        """Return the service on whose side the link is used."""
        raise NotImplementedError

    def _siblings(self, tag=None):
        """Return the other links of the same owner that are in use.

        :param str tag: only those whose target bears this tag
        """
        self.ensure_one()
        return (self._owner().link_ids - self).filtered(
            lambda link: (
                link.target
                and link.state not in ("withdrawn", "withdrawing", "delegated")
                and (tag is None or tag in link.target._tags())
            )
        )

    def _facts(self):
        """Return what the target said when the link was last set up (dict)."""
        self.ensure_one()
        return json.loads(self._secret("facts") or "{}")

    def _same_target(self, link):
        """Tell whether this line points where ``link`` (application.link) points."""
        return (
            self.target_application_id == link.target_application_id
            and self.tag_id == link.tag_id
        )

    @api.constrains("make_link", "target")
    def _check_same_node(self):
        for link in self.filtered(lambda one: one.make_link and one.target):
            if link.target.node_id != link._consumer().node_id:
                raise ValidationError(
                    self.env._(
                        "%(owner)s asks for a direct docker link to %(target)s, but "
                        "they are on different nodes (%(own)s and %(other)s).",
                        owner=link._owner().display_name,
                        target=link.target.name,
                        own=link._consumer().node_id.name or "-",
                        other=link.target.node_id.name or "-",
                    )
                )

    @api.constrains("target", "target_application_id", "tag_id")
    def _check_target_fits(self):
        for link in self.filtered("target"):
            application = link.target.application_id
            wanted = link.target_application_id
            tag = link.tag_id.code
            if (wanted and application != wanted) or (
                tag and tag not in application._tag_codes()
            ):
                raise ValidationError(
                    self.env._(
                        "%(target)s is not a service of %(code)s.",
                        target=link.target.name,
                        code=link.code,
                    )
                )

    def _choose_targets(self):
        """Point the links without target where their application's link suggests."""
        for link in self.filtered(lambda one: not one.target):
            if link.application_link_id:
                link.target = link._owner()._choose_target(link.application_link_id)

    def _deploy_all(self):
        """Set up these links; an optional one that fails is shown and goes on waiting."""
        for link in self.sorted(lambda one: (not one.required, one.id)):
            try:
                link._deploy()
            except JobCancelled:
                raise
            except (ClouderError, UserError) as error:
                if link.required or getattr(error, "transient", False):
                    raise
                link._note("broken", str(error))

    def _deploy(self):
        """Set up this link: the target makes its side ready, the owner uses it."""
        self.ensure_one()
        if not self.target:
            return self._without_target()
        if self.make_link:
            self._join_networks()
        facts = self.target._driver().link_provide(self) or {}
        text = json.dumps(facts, sort_keys=True)
        if text != (self._secret("facts") or ""):
            self.facts = text
        self._owner()._driver().link_consume(self, facts)
        if self.state != "working":
            self._note("deploying")
        return None

    def _without_target(self):
        if self.required:
            raise UserError(
                self.env._(
                    "%(owner)s needs a link to %(code)s, but no such service is chosen: "
                    "deploy one and choose it.",
                    owner=self._owner().display_name,
                    code=self.code,
                )
            )
        self._note("waiting")

    def _join_networks(self):
        """Let the target be reached in the network of the consumer's environment."""
        environment = self._owner().environment_id
        target = self.target._exec_service()
        if target.environment_id != environment:
            target._runner().network_join(target, environment, [target.name])

    def _probe_all(self):
        """Look whether these links work, and note it."""
        for link in self.filtered(lambda one: one.target and one.state != "delegated"):
            try:
                link.target._driver().link_probe(link)
            except (ClouderError, UserError) as error:
                link._note("broken", str(error), probed=True)
                if link.required:
                    raise
            else:
                link._note("working", probed=True)

    def _withdraw_all(self):
        """Undo these links; what is gone already does not stand in the way."""
        for link in self.filtered(
            lambda one: (
                one.target and one.state not in ("withdrawn", "waiting", "delegated")
            )
        ):
            link.state = "withdrawn"
            link.target._driver().link_withdraw(link)
            link._owner()._driver().link_forget(link)
            if link.make_link:
                link._leave_networks()
            link._note("withdrawn")

    def _leave_networks(self):
        """Take the target out of the environment's network when no link needs it there."""
        environment = self._owner().environment_id
        target = self.target._exec_service()
        if target.environment_id == environment or self._others_in(environment):
            return
        target._runner().network_leave(target, environment)

    def _others_in(self, environment):
        """Return how many other live links of ``environment`` use the same target."""
        count = 0
        for model in ("clouder.service.link", "clouder.base.link"):
            owner = self.env[model]._owner_field
            domain = [
                ("target", "=", self.target.id),
                ("make_link", "=", True),
                ("state", "in", ("deploying", "working", "broken")),
                (f"{owner}.environment_id", "=", environment.id),
            ]
            if model == self._name:
                domain.append(("id", "!=", self.id))
            count += self.env[model].search_count(domain, limit=1)
        return count

    def _note(self, state, reason=False, probed=False):
        """Write the state of the link, where it differs."""
        values = {"state": state, "reason": reason}
        changed = {name: new for name, new in values.items() if self[name] != new}
        if probed:
            changed["probed_at"] = fields.Datetime.now()
        if changed:
            self.write(changed)
        if reason:
            self.env["clouder.job"]._log(f"{self.code}: {reason}", "warning")
