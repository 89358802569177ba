from odoo import api, fields, models

from ..lib.visitor import mailbox

# As long as an order is in one of these, nobody else can have its name.
HOLDING = ("new", "confirmed", "deploying")


class ClouderOrder(models.Model):
    """Somebody's order of an instance, from the form to the running instance.

    ===========  ==============================================================
    new          asked for by a stranger: waits for the click in the mail
    confirmed    it is the customer's: its instance is being made
    deploying    there is an instance with a job, or one that nobody reaches yet
    running      the instance answers, and visitors reach it
    failed       it did not work; an activity asks for somebody, Retry goes on
    expired      nobody clicked in time
    cancelled    it cannot be carried out: the name, or the customer's limit; or who
                 ordered replaced it by another order before he confirmed it
    ===========  ==============================================================

    Strangers write here through the controllers only, which use ``sudo``; whatever they
    typed is checked by ``_clean_values`` first.
    """

    _name = "clouder.order"
    _inherit = ["clouder.derived.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Order"
    _order = "id desc"
    _rec_names_search = ["name", "email", "base_name"]

    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/"
    )
    state = fields.Selection(
        [
            ("new", "To confirm"),
            ("confirmed", "Confirmed"),
            ("deploying", "Deploying"),
            ("running", "Running"),
            ("failed", "Failed"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        default="new",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    application_id = fields.Many2one(
        "clouder.application",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    domain_id = fields.Many2one(
        "clouder.domain", readonly=True, ondelete="cascade", index=True
    )
    base_name = fields.Char(string="Instance", required=True, readonly=True)
    host = fields.Char(string="Host name", compute="_compute_host", store=True)
    title = fields.Char(required=True, readonly=True)
    lang = fields.Char(string="Language", required=True, readonly=True)
    visitor_lang = fields.Char(
        string="Language of the mails", readonly=True, export_string_translation=False
    )
    options = fields.Json(readonly=True, help="What the visitor chose: name to value.")
    contact_name = fields.Char(required=True, readonly=True)
    email = fields.Char(string="E-mail", required=True, readonly=True, index=True)
    mailbox = fields.Char(
        compute="_compute_mailbox",
        store=True,
        index=True,
        export_string_translation=False,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Portal user",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    environment_id = fields.Many2one(
        "clouder.environment",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    base_id = fields.Many2one(
        "clouder.base", readonly=True, ondelete="set null", index="btree_not_null"
    )
    signup_url = fields.Char(
        compute="_compute_signup_url",
        compute_sudo=True,
        groups="base.group_system",
        export_string_translation=False,
    )
    job_id = fields.Many2one(
        "clouder.job", string="Last job", compute="_compute_job_id", compute_sudo=True
    )
    token_digest = fields.Char(
        readonly=True, copy=False, index="btree_not_null", groups=fields.NO_ACCESS
    )
    token_expires = fields.Datetime(
        string="To confirm until", readonly=True, copy=False
    )
    progress_digest = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    form_digest = fields.Char(
        readonly=True, copy=False, index="btree_not_null", groups=fields.NO_ACCESS
    )
    replaced_by_id = fields.Many2one(
        "clouder.order",
        string="Replaced by",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    running_at = fields.Datetime(readonly=True, copy=False)
    entered_at = fields.Datetime(
        string="Entered at",
        readonly=True,
        copy=False,
        help="When the one-time way in of the progress page was used.",
    )
    terms_accepted_at = fields.Datetime(readonly=True, copy=False)
    ip_digest = fields.Char(
        string="Address (digest)",
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="Same address, same digest; the address itself is not kept.",
    )
    error = fields.Char(string="What is wrong", readonly=True, copy=False)
    failed_step = fields.Char(readonly=True, copy=False)

    _name_held = models.UniqueIndex(
        "(base_name, domain_id) WHERE state IN ('new', 'confirmed', 'deploying')",
        "Somebody else has just ordered this name.",
    )
    _token_uniq = models.UniqueIndex(
        "(token_digest) WHERE token_digest IS NOT NULL",
        "Two orders cannot have the same token.",
    )

    @api.depends("base_name", "domain_id.name")
    def _compute_host(self):
        for order in self:
            order.host = ".".join(filter(None, (order.base_name, order.domain_id.name)))

    @api.depends("email")
    def _compute_mailbox(self):
        for order in self:
            order.mailbox = mailbox(order.email)

    def _compute_job_id(self):
        for order in self:
            order.job_id = order.base_id.last_job_id

    def _compute_signup_url(self):
        """Set where a new customer chooses his password; nothing for who has an account."""
        for order in self:
            user = order.user_id
            fresh = user and user._awaits_owner()
            order.signup_url = fresh and user.partner_id._get_signup_url()

    @api.depends("name", "host")
    def _compute_display_name(self):
        for order in self:
            order.display_name = f"{order.name} {order.host or ''}".strip()

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"]
        return super().create(
            [
                {**vals, "name": sequence.next_by_code("clouder.order") or "/"}
                for vals in vals_list
            ]
        )

    def action_open_base(self):
        """Open the base of this order."""
        self.check_access("read")
        return self.base_id._get_records_action()

    def action_open_job(self):
        """Open the last job of this order."""
        self.check_access("read")
        return self.job_id._get_records_action()
