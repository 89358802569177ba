from odoo import http
from odoo.http import request

from odoo.addons.auth_signup.controllers.main import AuthSignupHome

from ..lib.visitor import address_group, is_text, mailbox


class Password(AuthSignupHome):
    """Asking for a new password is no way to learn who has an account.

    Asking for an account is one where Odoo's open sign-up is on: who succeeds is logged
    in at once, so whether it works tells. All failures read the same, and tries are few.
    """

    @http.route()
    def web_auth_reset_password(self, *args, **kw):
        """Answer the same whoever's account is asked for, and in the same time."""
        values = self.get_auth_signup_qcontext()
        login = values.get("login")
        if not (self._is_asked(values) and login and values["reset_password_enabled"]):
            return super().web_auth_reset_password(*args, **kw)
        if not self._may_try("reset", self._address(), "per_address", 10):
            return self._refuse_often("auth_signup.reset_password", values)
        if is_text(login) and login.strip():
            self._queue_mail(login.strip())
        values["message"] = request.env._(
            "If there is an account with this address, a mail that leads to a new "
            "password is on its way to it."
        )
        return self._auth_page("auth_signup.reset_password", values)

    @http.route()
    def web_auth_signup(self, *args, **kw):
        """Let nobody try one address after the other.

        A sign-up that fails does not say why: see ``_signup_create_user`` of the users.
        """
        values = self.get_auth_signup_qcontext()
        if self._is_asked(values) and not self._may_try(
            "signup", self._address(), "per_address", 10
        ):
            return self._refuse_often("auth_signup.signup", values)
        return super().web_auth_signup(*args, **kw)

    def get_auth_signup_qcontext(self):
        """Leave out the address to which Odoo answers with a page of its own."""
        values = super().get_auth_signup_qcontext()
        values.pop("signup_email", None)
        return values

    def _is_asked(self, values):
        """Tell whether a form was sent by somebody who was not invited to it."""
        return request.httprequest.method == "POST" and not values.get("token")

    def _queue_mail(self, login):
        """Have the queue look for an account, and write to it: the answer waits for neither."""
        if self._may_try("reset_email", mailbox(login), "per_email", 3):
            # sudo: visitors have no rights on users; they are answered nothing of it
            users = request.env["res.users"].sudo()
            users.with_delay(priority=1)._mail_reset(login, request.website.id)

    def _may_try(self, kind, text, setting, default):
        """Tell whether one more attempt is within the limit of a setting."""
        # sudo: visitors have no rights on settings; a number is read
        limit = request.env["clouder.order"].sudo()._setting(setting, default)
        return request.env["clouder.order.attempt"].allow(kind, text, limit)

    def _address(self):
        return address_group(request.httprequest.remote_addr)

    def _refuse_often(self, template, values):
        values["error"] = request.env._(
            "That was tried often from here: try again in an hour."
        )
        return self._auth_page(template, values, status=429)

    def _auth_page(self, template, values, status=200):
        response = request.render(template, values, status=status)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
        return response
