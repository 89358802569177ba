"""How the directory of an authority is reached, and whom it is believed to be."""

import ssl
from typing import Any

from acme.client import ClientNetwork
from requests.adapters import HTTPAdapter

from .failure import AccountRefused

REQUEST_S = 10
AGENT = "Clouder"


class PrivateAuthority(HTTPAdapter):
    """TLS that trusts the given certificates and no others.

    :param ca_pem: the certificates
    :param name: the name that the directory's certificate bears, where that is not the
        one in its address
    """

    def __init__(self, ca_pem: str, name: str = "") -> None:
        try:
            self._context = ssl.create_default_context(cadata=ca_pem)
        except ssl.SSLError as error:
            raise AccountRefused(
                f"The option ca_certificates holds no certificate in PEM form: {error}"
            ) from error
        # A private authority's own certificate is often trusted directly.
        self._context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        self._name = name
        super().__init__()

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """Give all connections our idea of trust."""
        named["ssl_context"] = self._context
        if self._name:
            named["assert_hostname"] = self._name
        return super().init_poolmanager(*args, **named)

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        """Leave the authorities of the machine out, whatever its environment says."""
        return super().build_connection_pool_key_attributes(request, True, cert)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Add no authority to those of the context."""
        conn.cert_reqs = "CERT_REQUIRED"


def network(key: Any, alg: Any, ca_pem: str = "", name: str = "") -> ClientNetwork:
    """Return the connection to an authority; plain http is refused everywhere."""
    net = ClientNetwork(key, alg=alg, user_agent=AGENT, timeout=REQUEST_S)
    del net.session.adapters["http://"]
    net.session.max_redirects = 3
    if ca_pem:
        net.session.mount("https://", PrivateAuthority(ca_pem, name))
    return net
