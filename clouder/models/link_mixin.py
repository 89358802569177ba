import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

USED_STATES = ("deploying", "working", "broken")
LIVE_STATES = (*USED_STATES, "withdrawing")


class ClouderLinkMixin(models.AbstractModel):
    """A link from a service or base to a service of another application.

    Both sides configure themselves: the target's driver says how it is reached
    (``link_provide``), the owner's driver uses that (``link_consume``).
    """

    _name = "clouder.link.mixin"
    _inherit = [
        "clouder.derived.mixin",
        "clouder.secret.mixin",
        "clouder.job.mixin",
    ]
    _description = "Link"
    _rec_name = "code"
    # In these the owner's links are looked at, and set up again when they are broken.
    _owner_states = ("running",)

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
            ("withdrawing", "To be withdrawn"),
            ("withdrawn", "Withdrawn"),
            ("delegated", "Passed on to the sub-services"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    reason = fields.Char(
        readonly=True, copy=False, help="Why it does not work, or what it waits for."
    )
    off = fields.Boolean(
        string="Switched off",
        readonly=True,
        copy=False,
        help="Withdrawn by hand: it stays so until somebody deploys this link.",
    )
    facts = fields.Text(
        compute="_compute_secrets",
        inverse="_inverse_facts",
        readonly=True,
        groups="clouder.group_administrator",
        copy=False,
    )
    facts_encrypted = fields.Text(groups=fields.NO_ACCESS, copy=False)
    probed_at = fields.Datetime(
        string="Probed", readonly=True, copy=False, help="When it was last looked at."
    )

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

    @api.depends("code")
    def _compute_display_name(self):
        for link in self:
            link.display_name = f"{link._owner().display_name} → {link.code or ''}"

    def _owner(self):
        """Return the service or base that this link belongs to."""
        raise NotImplementedError

    def _consumer(self):
        """Return the service on whose side the link is used."""
        raise NotImplementedError

    def _siblings(self, tag=None):
        """Return the other links of the same owner that are in use.

        One that was switched off is, until it is really withdrawn.

        :param str tag: only those whose target bears this tag
        """
        self.ensure_one()
        return (self._owner().link_ids - self).filtered(
            lambda link: (
                link.target
                and (not link.off or link.state in USED_STATES)
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

    @api.constrains("target")
    def _check_no_circle(self):
        """Refuse a target that needs, over links and sub-services, the owner itself."""
        for link in self.filtered("target"):
            owner = link._owner()
            if owner._name != "clouder.service":
                continue
            path = link.target._path_to(owner)
            if path:
                names = [owner.name, *(service.name for service in path)]
                raise ValidationError(
                    self.env._(
                        "%(owner)s cannot be linked to %(target)s: that closes a circle "
                        "(%(circle)s), and none of them could be deployed first.",
                        owner=owner.name,
                        target=link.target.name,
                        circle=" → ".join(names),
                    )
                )

    def write(self, vals):
        if "target" in vals:
            self._check_not_in_use(vals["target"])
        return super().write(vals)

    def _check_not_in_use(self, target):
        """Refuse to point elsewhere what is set up at the former target."""
        for link in self:
            if link.target and link.target.id != target and link._is_used():
                raise UserError(
                    self.env._(
                        "The link of %(owner)s to %(target)s is in use there: withdraw it "
                        "first, then choose another target.",
                        owner=link._owner().display_name,
                        target=link.target.name,
                    )
                )

    def _is_live(self):
        """Tell whether the target may hold something of this link."""
        return self.state in LIVE_STATES

    def _is_used(self):
        """Tell whether this link must be withdrawn before it is changed.

        The one that a first deployment failed of is free: all was taken back.
        """
        owner = self._owner()
        never = not owner.deployed_at and owner.state != "deploying"
        return self._is_live() and not (self.state == "broken" and never)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_live(self):
        for link in self:
            if link._is_used():
                raise UserError(
                    self.env._(
                        "The link of %(owner)s to %(target)s is in use there: withdraw it "
                        "before you delete it.",
                        owner=link._owner().display_name,
                        target=link.target.name,
                    )
                )
