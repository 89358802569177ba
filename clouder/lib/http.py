"""Ask one web server one question, to see whether it serves what it should."""

import contextlib
import http.client
import re
import socket
import ssl
import threading

from .errors import ClouderError

KNOCK_S = 60
BODY_LIMIT = 1024 * 1024
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?"
_PATH = r"/[!-~]*"


class HttpFailed(ClouderError):
    """A web server gave no answer; a refusal is an answer and no error."""

    transient = True


def http_get(
    address: str,
    port: int,
    host: str,
    path: str = "/",
    tls: bool = False,
    ca_pem: str = "",
    timeout_s: float = 10,
) -> tuple[int, dict[str, str], bytes]:
    """Ask the server at ``address`` for a page of ``host``; redirects are not followed.

    :param address: IP address or name to connect to
    :param host: what the request is for: Host header and, with TLS, server name
    :param ca_pem: trust this certificate only, whatever name it bears; without it
        the system's authorities are trusted and the name has to be right
    :return: status, headers by lower-case name, and up to 1 MiB of the body
    :raise HttpFailed: no answer, or one that is not HTTP
    """
    where = f"{'https' if tls else 'http'}://{host}{path} at {address}:{port}"
    if not re.fullmatch(_HOST, host, re.ASCII) or not re.fullmatch(
        _PATH, path, re.ASCII
    ):
        raise HttpFailed(f"{where!a} is no address of a page.")
    connection = http.client.HTTPConnection(address, port, timeout=timeout_s)
    try:
        connection.connect()
        if tls:
            connection.sock = _secured(connection.sock, host, ca_pem)
        connection.request("GET", path, headers={"Host": host, "Connection": "close"})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read(BODY_LIMIT)
    except (OSError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise HttpFailed(f"No answer from {where}: {reason}.") from error
    finally:
        connection.close()


def http_knock(address: str, port: int, host: str, path: str, times: int = 1) -> None:
    """Ask for a page ``times`` times at once and do not wait for the answers.

    For a server that gets ready with the first request. It promises nothing.
    """

    def ask() -> None:
        with contextlib.suppress(HttpFailed):
            http_get(address, port, host, path, timeout_s=KNOCK_S)

    for _ in range(times):
        threading.Thread(target=ask, daemon=True).start()


def tls_certificate(address: str, port: int, host: str, timeout_s: float = 10) -> bytes:
    """Return the certificate that a web server shows for ``host``, whoever signed it.

    :param host: the server name that is asked for
    :return: the certificate itself (DER), without its chain
    :raise HttpFailed: no answer, or none with a certificate
    """
    where = f"https://{host} at {address}:{port}"
    if not re.fullmatch(_HOST, host, re.ASCII):
        raise HttpFailed(f"{where!a} is no address of a site.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Nothing is sent: what is shown is looked at, and compared with what is known.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((address, port), timeout_s) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True) or b""
    except OSError as error:
        reason = str(error) or type(error).__name__
        raise HttpFailed(f"No certificate from {where}: {reason}.") from error


def _secured(sock: socket.socket, host: str, ca_pem: str) -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=ca_pem or None)
    if ca_pem:
        # The one trusted certificate says who it is; its name need not.
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context.wrap_socket(sock, server_hostname=host)
