from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL, mute_logger

from ..lib.tokens import digest, new_token
from .order_values import OrderRefused

CONFIRM_HOURS = 24


class ClouderOrder(models.Model):
    """From the form to the confirmed order."""

    _inherit = "clouder.order"

    @api.model
    def _place(self, application, typed, own=None, **values):
        """Make a new order of what a visitor typed; it reserves the name.

        :param dict typed: see :meth:`_clean_values`
        :param own: see :meth:`_waiting`: the new order replaces the one of its name
        :param values: what the server itself knows: ip_digest, user_id, …
        :return: the order
        :raise OrderRefused: something typed is not as it must be, or the name is taken
        :raise ConcurrencyError: the same form was sent at the same moment: begin anew
        """
        own = self.browse() if own is None else own
        clean = self._clean_values(application, typed, own)
        domain = self.env["clouder.domain"].browse(clean["domain_id"])
        self._release_expired(clean["base_name"], domain)
        former = own.filtered(
            lambda one: (
                (one.base_name, one.domain_id, one.state)
                == (clean["base_name"], domain, "new")
            )
        )
        until = self._confirm_until()
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                former._make_way()
                order = self.create({**clean, "token_expires": until, **values})
                former.replaced_by_id = order
                return order
        except psycopg2.errors.UniqueViolation as error:
            if self._sent_meanwhile(values.get("form_digest")):
                raise ConcurrencyError from error
            raise OrderRefused(
                self.env._("This name is taken: choose another one."), "name"
            ) from error

    @api.model
    def _confirm_until(self):
        hours = self._setting("confirm_hours", CONFIRM_HOURS)
        return fields.Datetime.now() + timedelta(hours=hours)

    def _ask_confirmation(self):
        """Send the mail with the link that confirms this order."""
        self.ensure_one()
        token = new_token()
        self.token_digest = digest(token)
        url = f"{self.get_base_url()}/instances/confirm/{token}"
        self._send_mail("clouder_website.mail_template_confirm", confirm_url=url)

    def _send_mail(self, template, **context):
        """Queue a mail to who ordered, in the visitor's language.

        It leaves through the queue: how long an answer takes does not depend on it.
        """
        self.ensure_one()
        mail = self.env.ref(template).with_context(**context)
        mail.send_mail(self.id, email_layout_xmlid="mail.mail_notification_light")
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    @api.model
    def _by_token(self, token):
        """Return the order (sudo) that ``token`` confirms, locked; empty for none.

        Two clicks at the same moment: the second one waits here, and then Odoo runs its
        request again, which finds the order confirmed.
        """
        order = self.search([("token_digest", "=", digest(token))], limit=1)
        if order:
            self.env.cr.execute(
                SQL("SELECT id FROM clouder_order WHERE id = %s FOR UPDATE", order.id)
            )
        return order

    def _link_state(self, visitor):
        """Return what a click on the link of the mail meets.

        :param visitor: ``res.users``, who is logged in; empty, or None, for a stranger
        :return: open, login (as the account that the order is for), used, expired,
            replaced, none, gone (the application is off the website; should it come
            back, the link works)
        """
        if not self:
            return "none"
        if self.replaced_by_id:
            return "replaced"
        if self.state == "expired" or (
            self.state == "new" and self.token_expires <= fields.Datetime.now()
        ):
            return "expired"
        if self.state != "new":
            return "used"
        if not self.application_id._is_orderable():
            return "gone"
        return "login" if self._needs_login(visitor) else "open"

    def _needs_login(self, visitor):
        """Tell whether only another one than ``visitor`` can confirm this order.

        Anybody may sign up with this address, and be the one who has the account: who
        reads its mail, and is logged in to it, is its owner. An account that was made
        for this address, that nobody has entered so far, and that stands among nobody
        else's people, is nobody else's.
        """
        account = self._account()
        if not account.active or account == visitor:
            return False
        return not self._is_untouched(account)

    def _account(self):
        """Return the user whom this order goes to, even a closed one; may be empty."""
        return self.user_id or self._known_user()

    def _others(self, visitor):
        """Return the customer whom ``visitor`` shares this order with, unless he objects."""
        if not visitor or visitor != self._account():
            return self.env["res.partner"]
        return self._put_among(visitor)

    @api.model
    def _confirm(self, token, visitor=None, alone=False):
        """Confirm the order that ``token`` belongs to: once, and in time.

        :param visitor: ``res.users``, who is logged in; empty, or None, for a stranger
        :param bool alone: he says that he does not belong to those who made his account
        :return: ``(order, link state, progress token or "")``
        """
        order = self._by_token(token)
        state = order._link_state(visitor)
        if state == "expired":
            order.state = "expired"
        if state != "open":
            return order, state, ""
        order._note_owner(visitor, alone)
        return order, state, order._accept()

    def _note_owner(self, visitor, alone):
        """Note what the click in the mail shows of the account; see :meth:`_confirm`."""
        account = self._account().filtered("active")
        if account and account == visitor:
            others = self._others(visitor)
            self.user_id = visitor
            if others and alone:
                self._set_apart()
        if account and account._clouder_address() == self.email:
            account._note_proven()

    def _accept(self):
        """Make this order its customer's, and have its instance made.

        :return: the token of the progress page
        """
        self.ensure_one()
        token = new_token()
        self.write(
            {
                "state": "confirmed",
                "confirmed_at": fields.Datetime.now(),
                "progress_digest": digest(token),
            }
        )
        self._carry_out()
        return token

    def action_cancel(self):
        """Take back orders that are not confirmed, or that failed.

        The name of the first is free again; what there is of the others stays, and who
        ordered them is told: a mail promised him another one.
        """
        self.check_access("write")
        # sudo: checked above; the state is Clouder's own
        waiting = self.sudo().filtered(lambda order: order.state in ("new", "failed"))
        failed = waiting.filtered(lambda order: order.state == "failed")
        waiting.write({"state": "cancelled", "error": False, "failed_step": False})
        for order in failed:
            order._tell_cancelled()
        return True
