import ipaddress

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import webhook as wire

NETWORKS_PARAMETER = "clouder.webhook_networks"
EVENTS = {
    "job.finished": "on_job",
    "base.running": "on_running",
    "base.failed": "on_failed",
    "base.suspended": "on_suspended",
}
PING = "ping"


class ClouderWebhook(models.Model):
    """An address that is told when something happened."""

    _name = "clouder.webhook"
    _inherit = ["clouder.reference.mixin", "clouder.secret.mixin"]
    _description = "Webhook"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    url = fields.Char(
        string="URL",
        required=True,
        help="Where messages are sent, over https. Addresses of inner networks are "
        "refused, unless the settings allow them.",
    )
    environment_id = fields.Many2one(
        "clouder.environment",
        ondelete="cascade",
        index="btree_not_null",
        help="Tells of what happens in it. Empty: of everything, which is for "
        "administrators.",
    )
    secret = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="clouder.group_deployer",
        copy=False,
        help="With it the receiver checks the signature. Empty: one is generated.",
    )
    secret_encrypted = fields.Text(groups=fields.NO_ACCESS, copy=False)
    on_job = fields.Boolean(string="A job has ended", default=True)
    on_running = fields.Boolean(string="A base runs", default=True)
    on_failed = fields.Boolean(string="A base failed", default=True)
    on_suspended = fields.Boolean(string="A base was suspended", default=True)
    delivery_ids = fields.One2many("clouder.webhook.delivery", "webhook_id")
    last_state = fields.Selection(
        "_selection_last_state", string="Last message", compute="_compute_last_state"
    )

    @api.model
    def _selection_last_state(self):
        return self.env["clouder.webhook.delivery"]._fields["state"].selection

    @api.depends("delivery_ids.state")
    def _compute_last_state(self):
        groups = self.env["clouder.webhook.delivery"]._read_group(
            [("webhook_id", "in", self.ids)], ["webhook_id"], ["id:recordset"]
        )
        last = {webhook.id: found.sorted("id")[-1:] for webhook, found in groups}
        for webhook in self:
            webhook.last_state = last[webhook.id].state if webhook.id in last else False

    @api.constrains("url")
    def _check_url(self):
        for webhook in self:
            allowed = self._allowed_networks()
            try:
                target = wire.parse_url(webhook.url, plain=bool(allowed))
                if self._is_address(target.host):
                    wire.check_address(target.host, allowed)
            except wire.WebhookRefused as error:
                raise ValidationError(str(error)) from error

    @api.constrains("secret_encrypted")
    def _check_secret(self):
        # sudo: a check opens the secret, and tells nobody
        for webhook in self.sudo().filtered("secret_encrypted"):
            try:
                wire.signature(webhook._secret("secret"), "", 0, b"")
            except wire.WebhookRefused as error:
                raise ValidationError(
                    self.env._(
                        "The secret of a webhook has at least 16 characters, or is “whsec_” "
                        "and base64. Leave it empty to have one generated."
                    )
                ) from error

    @staticmethod
    def _is_address(host):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    @api.model
    def _allowed_networks(self):
        """Return the inner networks that messages may be sent to."""
        # sudo: a system parameter of the settings
        parameters = self.env["ir.config_parameter"].sudo()
        return wire.parse_networks(parameters.get_param(NETWORKS_PARAMETER) or "")

    @api.model_create_multi
    def create(self, vals_list):
        webhooks = super().create(vals_list)
        for webhook in webhooks:
            if not webhook._secret("secret"):
                # sudo: a webhook just created by the user; the secret's two forms are without access
                webhook.sudo().secret = wire.new_secret()
        return webhooks

    @api.model
    @api.private
    def _tell(self, event, environment, data):
        """Send ``event`` to all who want to know of it, when the transaction commits.

        :param str event: one of ``EVENTS``
        :param environment: ``clouder.environment`` in which it happened, may be empty
        :param dict data: what the message says (JSON), no secrets
        """
        # sudo: who wants to know is told, whoever's act it was that happened
        webhooks = self.sudo().search(
            [
                (EVENTS[event], "=", True),
                ("environment_id", "in", [False, *environment.ids]),
            ]
        )
        webhooks._deliver(event, data)

    def _deliver(self, event, data):
        """Queue a message to each of these webhooks."""
        # sudo: callers check; messages are written by Clouder alone
        deliveries = self.env["clouder.webhook.delivery"].sudo()
        for webhook in self:
            deliveries |= deliveries._make(webhook, event, data)
        deliveries._queue()
        return deliveries

    def ping(self):
        """Send a message that only says that it is one.

        :return: the id of its delivery (int), a list of ids for several webhooks
        :raise UserError: the last one is still on its way
        """
        self.check_access("write")
        for webhook in self:
            pending = [("event", "=", PING), ("state", "=", "pending")]
            # sudo: checked above; whether one is pending is all that is told
            sent = self.env["clouder.webhook.delivery"].sudo()
            if sent.search_count([("webhook_id", "=", webhook.id), *pending], limit=1):
                raise UserError(
                    self.env._(
                        "The last trial message to %s is still on its way.",
                        webhook.name,
                    )
                )
        found = self._deliver(PING, {}).ids
        return found[0] if len(found) == 1 else found

    def action_ping(self):
        self.ping()
        return True
