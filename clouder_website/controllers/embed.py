from odoo import http

from .common import OrderPages


class EmbeddedForm(OrderPages):
    """The beginning of the order form inside another site's page.

    There it asks for the name only; the order itself is made on our own page, which no
    other site may frame. So no cookie of ours is needed in a foreign page.
    """

    @http.route(
        "/instances/embed/<string:code>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def embed(self, code):
        """Show the name's form; only the sites of the setting may frame it."""
        values = self._form_values(self._application(code))
        origins = self._orders()._embed_origins()
        return self._page("clouder_website.embed_page", values, framed_by=origins)
