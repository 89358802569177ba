"""What the pages of the order form share."""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ..lib.tokens import new_token
from ..lib.visitor import address_group

HONEYPOT = "company_site"
# Of the session: the ids of its orders that wait for the click in their mail.
WAITING = "clouder_waiting"


class OrderPages(http.Controller):
    """Helpers; no routes."""

    def _application(self, code):
        """Return the application (sudo) with ``code`` that can be ordered, or 404."""
        application = request.env["clouder.application"]._web_catalogue(code)
        if not application:
            raise NotFound
        return application

    def _orders(self):
        """Return the model of orders, for what its methods check themselves."""
        # sudo: visitors have no rights on orders; each method takes only what it has checked
        return request.env["clouder.order"].sudo()

    def _waiting(self):
        """Return the orders (sudo) of this session that nobody confirmed so far."""
        return self._orders()._waiting(request.session.get(WAITING, []))

    def _page(self, template, values=None, status=200, private=False, framed_by=()):
        """Render a page that only our own pages may frame.

        :param bool private: it is one person's: it is kept nowhere, and its address,
            which has a token in it, is told to no other site
        :param framed_by: origins that may frame it, too
        """
        response = request.render(template, values or {}, status=status)
        policy = " ".join(("frame-ancestors", "'self'", *framed_by))
        response.headers["Content-Security-Policy"] = policy
        if not framed_by:
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
        if private:
            response.headers["Cache-Control"] = "no-store"
            response.headers["Referrer-Policy"] = "same-origin"
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    def _allow(self, kind, text, setting, default, seconds=3600):
        """Tell whether one more attempt is within the limit of a setting."""
        limit = self._orders()._setting(setting, default)
        attempts = request.env["clouder.order.attempt"]
        return attempts.allow(kind, text, limit, seconds)

    def _address(self):
        """Return what the visitor's requests are counted under."""
        return address_group(request.httprequest.remote_addr)

    def _customer(self):
        """Return the user (sudo) who is logged in; empty for a stranger."""
        user = request.env.user
        # sudo: of the visitor himself: the form shows his own name and address
        return (user.browse() if user._is_public() else user).sudo()

    def _form_values(self, application, typed=None, error=None):
        """Return what the order form is rendered with.

        :param dict typed: what the visitor typed already
        :param error: the OrderRefused that says what was not as it must be
        """
        customer = self._customer()
        orders = self._orders()
        # sudo: visitors have no rights on environments; searched for the visitor's own below
        environments = request.env["clouder.environment"].sudo()
        if customer:
            own = orders._own_environments(customer.partner_id)
            environments = environments.search(own, order="id")
        return {
            "application": application,
            "domains": application._web_domains(),
            "languages": application._web_languages(),
            "customer": customer,
            "mail_first": not (customer and customer._is_proven()),
            "environments": environments,
            "typed": {"lang": request.env.lang, **(typed or {})},
            "error": str(error) if error else "",
            "error_field": error.field if error else "",
            "honeypot": HONEYPOT,
            "form_token": new_token(),
        }
