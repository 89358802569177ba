import xmlrpc.client

from odoo.http import Response, route

from odoo.addons.rpc.controllers import RPC
from odoo.addons.rpc.controllers import xmlrpc as odoo_xmlrpc

from .. import rpc_errors


class ClouderRPC(RPC):
    """The doors for XML-RPC, which say in one sentence what went wrong."""

    @route()
    def xmlrpc_1(self, service):
        try:
            return super().xmlrpc_1(service)
        except Exception as error:
            if text := rpc_errors.sentence(error):
                error.error_response = _fault(text, "")
            raise

    @route()
    def xmlrpc_2(self, service):
        try:
            return super().xmlrpc_2(service)
        except Exception as error:
            if text := rpc_errors.sentence(error):
                code = odoo_xmlrpc.RPC_FAULT_CODE_APPLICATION_ERROR
                error.error_response = _fault(code, text)
            raise


def _fault(code, text):
    """Return the answer that carries an error."""
    answer = odoo_xmlrpc.dumps(xmlrpc.client.Fault(code, text))
    return Response(response=answer, mimetype="text/xml")
