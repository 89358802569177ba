"""Which addresses of accounts are their owners', and a password asked for by mail."""

import contextlib
import logging

from odoo import api, fields, models
from odoo.exceptions import AccessDenied, UserError

from odoo.addons.auth_signup.models.res_partner import SignupError

_logger = logging.getLogger(__name__)

# Whoever makes the account now, it says nothing of whose address it is.
UNPROVEN = "clouder_unproven"


class ResUsers(models.Model):
    """Who signs up by himself may write any address: a mail is sent there first."""

    _inherit = "res.users"

    clouder_proven_email = fields.Char(
        string="Proven e-mail",
        readonly=True,
        copy=False,
        groups="base.group_erp_manager",
        help="Mail to this address reached its user, or people of the house wrote it. "
        "Another address of the account is not proven.",
    )
    clouder_proven_at = fields.Datetime(
        string="E-mail proven at",
        readonly=True,
        copy=False,
        groups="base.group_erp_manager",
    )

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        unproven = self.env.context.get(UNPROVEN)
        if not unproven and self.env.uid and self.env.user._is_internal():
            users._note_proven()
        return users

    @api.model
    def _signup_create_user(self, values):
        """Make an account for who signs up; an address is proven by its invitation.

        :raise UserError: it failed; why is for the log, for it may tell who has an account
        """
        # sudo: somebody who signs up has no rights on partners; only compared below
        partner = self.env["res.partner"].sudo().browse(values.get("partner_id") or [])
        invited = (partner.email or "").strip().lower()
        visitor = self.with_context(**{UNPROVEN: True})
        try:
            user = super(ResUsers, visitor)._signup_create_user(values)
        except SignupError as error:
            _logger.info("A sign-up failed: %s", error)
            raise UserError(
                self.env._(
                    "Could not create a new account. If you have one already, log in, "
                    "or ask for a new password."
                )
            ) from error
        # The invitation was sent to the partner, whatever its receiver writes now.
        if invited and invited == user._clouder_address():
            user._note_proven()
        return user

    @contextlib.contextmanager
    def _assert_can_auth(self, user=None):
        """Refuse a login nobody has as slowly as a wrong password.

        Only the latter is hashed, so the time would tell who has an account.
        """
        with super()._assert_can_auth(user=user):
            try:
                yield
            except AccessDenied:
                if isinstance(user, str) and not self._has_password(user):
                    self._crypt_context().hash(user)
                raise

    def _has_password(self, login):
        """Tell whether a password typed for ``login`` is compared with one."""
        # sudo: who logs in has no rights yet; only whether there is something to compare
        users = self.sudo()
        found = users.search(
            users._get_login_domain(login), order=users._get_login_order(), limit=1
        )
        if not found:
            return False
        self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", [found.id])
        return bool(self.env.cr.fetchone()[0])

    def _clouder_address(self):
        """Return the address that mail to this user goes to, in small letters."""
        return (self.email or self.login or "").strip().lower()

    def _note_proven(self):
        """Note that the present addresses of these users are theirs."""
        now = fields.Datetime.now()
        # sudo: the fields are Clouder's own; callers have seen the proof
        for user in self.sudo():
            address = user._clouder_address()
            user.write({"clouder_proven_email": address, "clouder_proven_at": now})

    def _is_proven(self, address=None):
        """Tell whether ``address``, or the one this user has now, was proven to be his."""
        self.ensure_one()
        # sudo: whether a mail must be sent first, whoever orders
        proven = self.sudo().clouder_proven_email
        return bool(proven) and proven == (address or self._clouder_address())

    def _awaits_owner(self):
        """Tell whether this account was made for somebody who has never entered it."""
        self.ensure_one()
        # sudo: where the mail leads, and who may finish an order, whoever asks
        user = self.sudo()
        return bool(user.share and not user.login_date and user.partner_id.signup_type)

    def _mail_reset(self, login, website_id):
        """Mail the way to a new password to who has ``login`` (called by the queue).

        Nothing happens without such an account: what was answered told nobody so.

        :param str login: login or e-mail address
        :param int website_id: the website on which it was asked for; accounts may be of one
        """
        here = self.with_context(website_id=website_id)
        users = self.search(here._get_login_domain(login))
        users = users or self.search(here._get_email_domain(login))
        if len(users) == 1:
            users.action_reset_password()
