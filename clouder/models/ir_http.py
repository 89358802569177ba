import json

from odoo import api, models
from odoo.http import request

from .. import rpc_errors

SCRIPTS = "/jsonrpc"


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        """Keep tracebacks from callers over JSON, but for the web client of employees."""
        answer = super()._handle_error(exception)
        kind = request.dispatcher.routing_type
        if kind not in ("json2", "jsonrpc") or cls._has_traceback(kind):
            return answer
        content = answer.get_json(silent=True)
        error = content
        if kind == "jsonrpc":
            error = content and content.get("error", {}).get("data")
        if isinstance(error, dict) and "debug" in error:
            error["debug"] = ""
            if text := rpc_errors.sentence(exception):
                error |= {"message": text, "arguments": [text]}
            answer.set_data(json.dumps(content))
        return answer

    @classmethod
    def _has_traceback(cls, kind):
        """Tell whether who called may see how the server works inside."""
        path, uid = request.httprequest.path, request.session.uid
        if kind == "json2" or path == SCRIPTS or not uid:
            return False
        # The transaction of the request may have failed.
        with cls.pool.cursor(readonly=True) as cr:
            user = api.Environment(cr, uid, {}).user
            return user.exists() and user._is_internal()
