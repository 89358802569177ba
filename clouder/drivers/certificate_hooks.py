from odoo import api, models


class ClouderDriver(models.AbstractModel):
    """Certificates: who issues them, and who answers the questions asked meanwhile."""

    _inherit = "clouder.driver"

    @api.private
    def certificate_issue(self, service, names, answers):
        """Have the authority ``service`` (tag ``certificate``) issue a certificate.

        :param names: list of host names, ``*.`` in front for all names below one
        :param answers: where the proofs go: an object with ``kind`` (``http-01`` or
            ``dns-01``), ``put(proofs)`` and ``clear()``; a proof is (name, token, text)
        :return: private key and chain of certificates, both PEM text
        :raise ClouderError: the authority refused, or was not reached
        """
        raise self._hook_missing("certificate_issue", service)

    @api.private
    def certificate_answer(self, service, host, token, text):
        """Have the proxy ``service`` answer ``text`` to who asks ``host`` for ``token``.

        The address is ``http://<host>/.well-known/acme-challenge/<token>``.
        """
        raise self._hook_missing("certificate_answer", service)

    @api.private
    def certificate_answer_clear(self, service, host, token):
        """Take such an answer away; none there is no error."""
        raise self._hook_missing("certificate_answer_clear", service)
