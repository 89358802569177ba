import logging

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.clouder.lib.errors import ClouderError

from ..models.order_values import OrderRefused
from .common import OrderPages

_logger = logging.getLogger(__name__)

PAGE = "/instances/progress/<int:order_id>/<string:token>"
RETRIES = 5


class OrderProgress(OrderPages):
    """What becomes of an order, for who has the address of its page."""

    def _order(self, order_id, token):
        """Return the order (sudo) of this page, or 404: with a wrong token as without."""
        order = self._orders()._by_progress(order_id, token)
        if not order:
            raise NotFound
        return order

    def _address_of(self, order, token):
        return f"/instances/progress/{order.id}/{token}"

    @http.route(PAGE, type="http", auth="public", website=True, sitemap=False)
    def progress(self, order_id, token, told=""):
        """Show the steps of the job, live, and then the way in."""
        order = self._order(order_id, token)
        values = {
            "order": order,
            "progress": order._progress(),
            "address": self._address_of(order, token),
            "told": told,
        }
        return self._page("clouder_website.progress_page", values, private=True)

    @http.route(
        f"{PAGE}/state",
        type="http",
        auth="public",
        website=True,
        multilang=False,
        sitemap=False,
    )
    def state(self, order_id, token):
        """Return the steps and the outcome so far, as JSON."""
        order = self._order(order_id, token)
        headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        return request.make_json_response(order._progress(), headers=headers)

    @http.route(
        f"{PAGE}/retry",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def retry(self, order_id, token):
        """Go on with a failed order."""
        order = self._order(order_id, token)
        address = self._address_of(order, token)
        attempts = request.env["clouder.order.attempt"]
        if not attempts.allow("retry", str(order.id), RETRIES):
            return request.redirect(f"{address}?told=often")
        try:
            with request.env.cr.savepoint():
                order._retry()
        except OrderRefused:
            return request.redirect(f"{address}?told=gone")
        except UserError:
            return request.redirect(f"{address}?told=retry")
        return request.redirect(address)

    @http.route(
        f"{PAGE}/enter",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def enter(self, order_id, token):
        """Lead into the new instance, once."""
        order = self._order(order_id, token)
        address = self._address_of(order, token)
        try:
            with request.env.cr.savepoint():
                url = order._enter()
        except UserError:
            return request.redirect(f"{address}?told=enter")
        except ClouderError as error:
            # The visitor reads nothing of the machinery; who runs it finds it here.
            _logger.info("order %s: no way in: %s", order.name, error)
            return request.redirect(f"{address}?told=unreachable")
        return request.redirect(url, code=303, local=False)
