from werkzeug.exceptions import NotFound

from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        """Answer that there is no such page where the path holds a NUL.

        The website's own page for errors looks the path up, which PostgreSQL refuses.
        """
        if "\0" in request.httprequest.path:
            return NotFound().get_response(request.httprequest.environ)
        return super()._handle_error(exception)
