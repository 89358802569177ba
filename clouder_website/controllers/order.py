from urllib.parse import urlencode

from odoo import http
from odoo.http import request

from ..lib.tokens import form_digest
from ..lib.visitor import without_links
from ..models.order_values import OrderRefused
from .common import HONEYPOT, WAITING, OrderPages

SENT = "/instances/sent"
LINK_STATUS = {
    "open": 200,
    "login": 200,
    "used": 410,
    "expired": 410,
    "gone": 410,
    "replaced": 410,
    "none": 404,
}
# A captcha's answer differs each time that the same form is sent.
TYPED = (
    *("name", "domain", "title", "lang", "contact_name", "email", "terms"),
    "environment",
)
ORDERS_KEPT = 5


class OrderForm(OrderPages):
    """From the form to the click in the mail."""

    @http.route(
        "/instances/order",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
        captcha="clouder_order",
    )
    def order(self, code="", **typed):
        """Take an order; it waits for the click in a mail.

        Unless it is of an account whose address was proven. A stranger gets the same
        answer whoever's address he writes. A form that is sent twice, by a double click,
        orders once: browsers show the second answer, which is as the first.
        """
        application = self._application(code)
        if typed.get(HONEYPOT):
            return request.redirect(SENT)
        # A file is no text, whatever the field is called.
        typed = {name: value for name, value in typed.items() if isinstance(value, str)}
        sent = self._form_digest(code, typed)
        if known := self._orders()._sent_already(sent):
            return self._answer_again(known)
        if not self._allow("order", self._address(), "per_address", 10):
            text = request.env._("Too many orders came from here: try again later.")
            error = OrderRefused(text)
            return self._refuse(application, typed, error, status=429)
        try:
            order = self._place(application, typed, form_digest=sent)
        except OrderRefused as error:
            return self._refuse(application, typed, error)
        if order.user_id and order.user_id._is_proven(order.email):
            return self._show_progress(order, order._accept())
        return self._await_click(order)

    def _await_click(self, order):
        """Have a mail ask for the confirmation of ``order``, and say that it is sent."""
        if self._allow("email", order.mailbox, "per_email", 3):
            order._ask_confirmation()
        else:
            order._cancel(request.env._("Too many orders of this address."))
        known = request.session.get(WAITING, [])
        request.session[WAITING] = [*known[-ORDERS_KEPT + 1 :], order.id]
        return request.redirect(SENT)

    def _form_digest(self, code, typed):
        """Return what tells this form, with what is typed in it, from all others."""
        fields = {
            name: value
            for name, value in typed.items()
            if name in TYPED or name.startswith("option_")
        }
        who = self._customer().id
        return form_digest(typed.get("form_token", ""), who, code, fields)

    def _answer_again(self, order):
        """Answer as the form was answered that ``order`` was made of."""
        if seen := self._seen_progress(order):
            return self._show_progress(order, seen)
        return request.redirect(SENT if order.state == "new" else "/my/instances")

    def _place(self, application, typed, **known):
        """Make the order of what was typed, for who is logged in, or for a stranger."""
        customer = self._customer()
        known |= {
            "visitor_lang": request.env.lang,
            "ip_digest": request.env["clouder.order.attempt"].digest(self._address()),
        }
        if customer:
            typed = {
                **typed,
                "email": customer.email or customer.login,
                "contact_name": without_links(customer.name),
            }
            environment = self._environment(customer, typed.get("environment"))
            known |= {
                "user_id": customer.id,
                "partner_id": customer.partner_id.id,
                "environment_id": environment.id,
            }
        options = {
            name.removeprefix("option_"): value
            for name, value in typed.items()
            if name.startswith("option_")
        }
        return self._orders()._place(
            application, {**typed, "options": options}, own=self._waiting(), **known
        )

    def _environment(self, customer, typed):
        """Return the customer's environment with the id ``typed``; empty for a new one."""
        # sudo: visitors have no rights on environments; searched for the visitor's own
        environments = request.env["clouder.environment"].sudo()
        own = environments.search(self._orders()._own_environments(customer.partner_id))
        if not typed:
            return environments
        chosen = own.filtered(lambda one: str(one.id) == typed)
        if not chosen:
            raise OrderRefused(
                request.env._("Choose one of your environments."), "environment"
            )
        return chosen

    def _refuse(self, application, typed, error, status=200):
        """Show the form again, with what was typed and what is wrong with it."""
        values = self._form_values(application, typed, error)
        return self._page("clouder_website.order_page", values, status=status)

    @http.route(SENT, type="http", auth="public", website=True, sitemap=False)
    def sent(self):
        """Say that a mail is under way; the same page for everybody."""
        return self._page("clouder_website.order_sent")

    @http.route(
        "/instances/confirm/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def confirm_page(self, token):
        """Show the button that confirms: a program that opens links confirms nothing."""
        order = self._orders()._by_token(token)
        return self._link_page(order, order._link_state(self._customer()), token)

    @http.route(
        "/instances/confirm/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def confirm(self, token, alone=""):
        """Confirm an order, once, and lead to its progress."""
        orders, customer = self._orders(), self._customer()
        order, state, progress = orders._confirm(token, customer, alone=bool(alone))
        if state == "open":
            return self._show_progress(order, progress)
        seen = self._seen_progress(order)
        if state == "used" and seen:
            return self._show_progress(order, seen)
        return self._link_page(order, state, token)

    def _link_page(self, order, state, token):
        values = {
            "order": order,
            "link_state": state,
            "others": order._others(self._customer()) if state == "open" else None,
            "token": token,
            "login_url": self._login_url(f"/instances/confirm/{token}"),
            "can_reset": self._can_reset(),
        }
        status = LINK_STATUS[state]
        return self._page("clouder_website.confirm_page", values, status, private=True)

    def _can_reset(self):
        """Tell whether Odoo's page for a new password is there."""
        # sudo: a system parameter; only whether a link is shown
        parameters = request.env["ir.config_parameter"].sudo()
        return parameters.get_param("auth_signup.reset_password") == "True"

    def _login_url(self, back):
        """Return where one logs in, as another one if need be, to come back to ``back``."""
        login = f"/web/login?{urlencode({'redirect': back})}"
        if not self._customer():
            return login
        return f"/web/session/logout?{urlencode({'redirect': login})}"

    def _seen_progress(self, order):
        """Return the token with which this browser saw the progress of ``order``."""
        return request.session.get("clouder_orders", {}).get(str(order.id))

    def _show_progress(self, order, token):
        """Lead to the progress page; this browser finds it again by a second click."""
        known = list(request.session.get("clouder_orders", {}).items())
        kept = [*known[-ORDERS_KEPT + 1 :], (str(order.id), token)]
        request.session["clouder_orders"] = dict(kept)
        return request.redirect(f"/instances/progress/{order.id}/{token}")
