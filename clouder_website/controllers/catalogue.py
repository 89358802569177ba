from odoo import http
from odoo.http import request
from odoo.tools.translate import LazyTranslate

from .common import OrderPages

_lt = LazyTranslate(__name__)
PREFILLED = ("name", "domain", "title")


class Catalogue(OrderPages):
    """What can be ordered."""

    @http.route(
        "/instances",
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        list_as_website_content=_lt("Instances to order"),
    )
    def catalogue(self):
        """Show the cards of all applications that can be ordered."""
        applications = request.env["clouder.application"]._web_catalogue()
        return self._page("clouder_website.catalogue", {"applications": applications})

    def _sitemap(self, rule, query):
        applications = self["clouder.application"]._web_catalogue()
        for application in applications:
            if not query or query.lower() in application.web_url:
                yield {"loc": application.web_url}

    @http.route(
        "/instances/<string:code>",
        type="http",
        auth="public",
        website=True,
        sitemap=_sitemap,
    )
    def order_page(self, code, **query):
        """Show the page of one application, with its order form."""
        application = self._application(code)
        typed = {
            name: query[name] for name in PREFILLED if isinstance(query.get(name), str)
        }
        values = self._form_values(application, typed)
        return self._page("clouder_website.order_page", values)

    @http.route(
        "/instances/form/<string:code>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def form(self, code):
        """Return the form alone, for the building block that stands on other pages."""
        values = self._form_values(self._application(code))
        return self._page("clouder_website.order_form", values)

    @http.route(
        "/instances/<string:code>/picture",
        type="http",
        auth="public",
        sitemap=False,
    )
    def picture(self, code):
        """Return the picture of an application of the catalogue."""
        application = self._application(code)
        stream = request.env["ir.binary"]._get_image_stream_from(
            application, "image_512"
        )
        return stream.get_response()

    @http.route("/instances/check", type="jsonrpc", auth="public", website=True)
    def check(self, code="", name="", domain=""):
        """Tell whether a name can be ordered: ``{"state", "message"}``."""
        address = self._address()
        if not self._allow("check", address, "checks_per_address", 60, seconds=60):
            text = request.env._("Too many looks: wait a minute.")
            return {"state": "unknown", "message": text}
        application = self._application(str(code))
        orders = self._orders()
        chosen = orders._clean_domain(application, domain)
        typed = str(name).strip().lower()
        own = self._waiting()
        state, message = orders._name_state(application, typed, chosen, own)
        return {"state": state, "message": message}

    @http.route("/instances/choices", type="jsonrpc", auth="public", readonly=True)
    def choices(self):
        """Return the applications of the catalogue, for the building block's option."""
        return [
            {"code": application.code, "name": application._web_name()}
            for application in request.env["clouder.application"]._web_catalogue()
        ]
