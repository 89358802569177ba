from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..lib.secrets import generate_password

ACCOUNTS = ("poweruser", "admin")


class ClouderBase(models.Model):
    """The accounts of a base: a way in for once, and new passwords."""

    _inherit = "clouder.base"

    def login_once(self, login=None):
        """Return an address that lets its opener into this base, once and soon.

        No password is read or changed. An earlier address for the account ends.

        :param str login: the power user's or the administrator's; the power user's when
            missing, or the administrator's of a base without one
        :return: the address; it is a secret for the next minutes (str)
        :raise UserError: the base does not run, or has no such account
        """
        self.ensure_one()
        self.check_access("write")
        self._check_answers()
        login = self._account_login(login)
        # sudo: checked above; the driver looks at the service, which may be another customer's
        url = self._driver().base_login_once(self.sudo(), login)
        self._note_account(
            self.env._(
                "%(user)s asked for a one-time way in as %(login)s.", **self._who(login)
            )
        )
        return url

    def renew_password(self, account="poweruser"):
        """Give an account of this base a new, generated password.

        :param str account: poweruser or admin
        :return: the password, which is kept as a secret of the base (str)
        :raise UserError: the base does not run, is busy, or has no such account
        """
        self.ensure_one()
        self.check_access("write")
        self._check_answers()
        if account not in ACCOUNTS or not self[f"{account}_name"]:
            raise UserError(
                self.env._(
                    "%(base)s has no account “%(account)s”.",
                    base=self.fulldomain,
                    account=str(account)[:40],
                )
            )
        self._hold()
        password = generate_password()
        # sudo: checked above; the two forms of the field are without access
        self.sudo()[f"{account}_password"] = password
        # sudo: checked above; the driver looks at the service, which may be another customer's
        self._driver().base_set_password(self.sudo(), account)
        self._note_account(
            self.env._(
                "%(user)s gave %(login)s a new password.",
                **self._who(self[f"{account}_name"]),
            )
        )
        return password

    def _check_answers(self):
        """Refuse what only a base that runs can do."""
        if self.state != "running":
            raise UserError(
                self.env._(
                    "%(base)s does not run (%(state)s).",
                    base=self.fulldomain,
                    state=self.state,
                )
            )

    def _account_login(self, login):
        """Return the login of an account that Clouder set up."""
        known = [name for name in (self.poweruser_name, self.admin_name) if name]
        if login and login not in known:
            raise UserError(
                self.env._(
                    "%(base)s has no account “%(account)s”.",
                    base=self.fulldomain,
                    account=str(login)[:40],
                )
            )
        return login or known[0]

    def _hold(self):
        """Keep jobs from working on this base until this transaction has ended.

        :raise UserError: one does now
        """
        (free,) = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
                f"{self._name},{self.id}",
            )
        )[0]
        if not free:
            raise UserError(
                self.env._("%s is busy: try again in a moment.", self.fulldomain)
            )

    @api.model
    def _who(self, login):
        return {"user": self.env.user.name, "login": login}

    def _note_account(self, text):
        """Note who asked for what on the base, for those who may read it."""
        # sudo: the writer of the base is named as the author; a note needs no more rights than the act
        self.sudo().message_post(body=text)

    def action_login_once(self):
        """Open the base in a new browser tab, logged in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self.login_once(),
            "target": "new",
        }

    def action_renew_password(self):
        """Give the power user a new password and show it this once."""
        self.ensure_one()
        account = "poweruser" if self.poweruser_name else "admin"
        password = self.renew_password(account)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.fulldomain,
                "message": f"{self[f'{account}_name']} · {password}",
                "sticky": True,
            },
        }
