import json
import time
import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import webhook as wire
from ..lib.errors import ClouderError
from .job_locks import TRY as TRY_LOCK
from .job_queue import pause_among

CHANNEL = "root.clouder_webhook"
# Between one try and the next: more than a day in all.
PAUSES = (5, 30, 120, 600, 3600, 3 * 3600, 8 * 3600, 14 * 3600)
KEEP_DAYS = 30
GONE = 410


class ClouderWebhookDelivery(models.Model):
    """One message to one webhook, and how it went."""

    _name = "clouder.webhook.delivery"
    _inherit = ["clouder.derived.mixin"]
    _description = "Webhook Message"
    _order = "id desc"
    _rec_name = "event"

    webhook_id = fields.Many2one(
        "clouder.webhook", required=True, readonly=True, ondelete="cascade", index=True
    )
    identity = fields.Char(
        required=True,
        readonly=True,
        help="The same at every try: a receiver that knows it already can ignore it.",
    )
    event = fields.Char(required=True, readonly=True)
    body = fields.Text(required=True, readonly=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("sent", "Received"),
            ("failed", "Not received"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )
    attempts = fields.Integer(string="Tries", readonly=True, aggregator=None)
    status = fields.Integer(string="Answer", readonly=True, aggregator=None)
    error = fields.Char(string="What is wrong", readonly=True)
    next_try = fields.Datetime(string="Next try at", readonly=True)
    sent_at = fields.Datetime(string="Received at", readonly=True)

    _state_idx = models.Index("(webhook_id, id DESC)")

    @api.model
    def _make(self, webhook, event, data):
        """Create the message about ``event`` to ``webhook``."""
        now = fields.Datetime.now()
        message = {
            "type": event,
            "timestamp": now.isoformat(timespec="seconds") + "Z",
            "data": data,
        }
        return self.create(
            {
                "webhook_id": webhook.id,
                "identity": f"msg_{uuid.uuid4().hex}",
                "event": event,
                "body": json.dumps(message, ensure_ascii=False),
            }
        )

    def _queue(self, seconds=0):
        """Have the queue send these messages ``seconds`` after the transaction commits."""
        for delivery in self:
            delivery.with_delay(
                channel=CHANNEL,
                eta=seconds or None,
                max_retries=0,
                description=f"{delivery.webhook_id.name}: {delivery.event}",
            )._send()

    def _send(self):
        """Send this message (called by the queue); queue the next try when it fails.

        Messages go with their webhook: there is nothing to send any more then.
        """
        if not self.exists() or self.state != "pending":
            return
        self.ensure_one()
        webhook = self.webhook_id
        if not webhook.active:
            archived = self.env._("The webhook is archived.")
            self.write({"state": "failed", "error": archived, "next_try": False})
            return
        if wait := self._seconds_until_turn():
            self._queue(wait)
            return
        status, error = 0, ""
        try:
            status = self._post(webhook)
        except ClouderError as refusal:
            error = str(refusal)
        values = {"attempts": self.attempts + 1, "status": status, "error": error}
        if 200 <= status < 300:
            self.write({**values, "state": "sent", "sent_at": fields.Datetime.now()})
            return
        self._put_off(values)

    def _seconds_until_turn(self):
        """Return in how many seconds this message may be sent; 0: now.

        One at a time goes to a webhook, and none while it does not take an older one: a
        receiver that lets us wait keeps only his own messages waiting.
        """
        waiting = [("webhook_id", "=", self.webhook_id.id), ("state", "=", "pending")]
        now = fields.Datetime.now()
        older = self.search(
            [*waiting, ("id", "<", self.id), ("next_try", ">", now)],
            order="next_try desc",
            limit=1,
        )
        if older:
            return int((older.next_try - now).total_seconds()) + 1
        name = f"{self.webhook_id._name},{self.webhook_id.id}"
        self.env.cr.execute(TRY_LOCK, [name])
        [[mine]] = self.env.cr.fetchall()
        return 0 if mine else pause_among(self.search_count(waiting))

    def _post(self, webhook):
        body = self.body.encode()
        sent = wire.headers(
            webhook._secret("secret"), self.identity, int(time.time()), body
        )
        return wire.post(webhook.url, body, sent, webhook._allowed_networks())

    def _put_off(self, values):
        """Note a try that failed; queue the next one, unless it was the last."""
        if values["status"]:
            values["error"] = self.env._("It answered %s.", values["status"])
        tried = values["attempts"]
        if values["status"] == GONE or tried > len(PAUSES):
            self.write({**values, "state": "failed", "next_try": False})
            return
        pause = PAUSES[tried - 1]
        values["next_try"] = fields.Datetime.add(fields.Datetime.now(), seconds=pause)
        self.write(values)
        self._queue(pause)

    def send_again(self):
        """Send these messages once more, from the first try on.

        :return: True
        :raise UserError: a message is waiting for its next try already
        """
        self.webhook_id.check_access("write")
        for delivery in self:
            if delivery.state == "pending":
                raise UserError(self.env._("This message is on its way."))
        # sudo: checked above; messages are written by Clouder alone
        known = self.sudo()
        known.write(
            {"state": "pending", "attempts": 0, "error": False, "next_try": False}
        )
        known._queue()
        return True

    def action_send_again(self):
        self.send_again()
        return True

    @api.autovacuum
    def _gc_deliveries(self):
        """Drop messages that ended long ago."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        # sudo: the vacuum of Odoo works for all users
        old = self.sudo().search(
            [("create_date", "<", limit), ("state", "!=", "pending")], limit=1000
        )
        old.unlink()
        return len(old), len(old) == 1000
