"""Visit a host as the world does: ask its name server, then open its page over HTTPS.

Run by the project's Python environment, for `dnspython` is there:
``python -m devtool.visit HOST NAME_SERVER_PORT HTTPS_PORT AUTHORITY_FILE``.
"""

import http.client
import ssl
import sys

import dns.message
import dns.query
import dns.rdatatype

LOCAL = "127.0.0.1"
PATIENCE_SECONDS = 60


def address_of(host: str, port: int) -> str:
    """Return the address that the name server on `port` of this machine gives.

    :raise SystemExit: it gives none
    """
    question = dns.message.make_query(host, dns.rdatatype.A)
    reply = dns.query.tcp(question, LOCAL, PATIENCE_SECONDS, port)
    found = [value.to_text() for rrset in reply.answer for value in rrset]
    if not found:
        raise SystemExit(f"The name server on port {port} does not know {host}.")
    return str(found[0])


def status_of(host: str, address: str, port: int, authority: str) -> int:
    """Return the status of the login page, asked over HTTPS at `address`.

    :param authority: file with the root to trust, and no other
    :raise ssl.SSLError: the certificate is not of that authority, or of another host
    """
    context = ssl.create_default_context(cafile=authority)
    connection = http.client.HTTPConnection(address, port, timeout=PATIENCE_SECONDS)
    connection.connect()
    connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
    connection.request("GET", "/web/login", headers={"Host": host})
    return connection.getresponse().status


def main(words: list[str]) -> None:
    """Visit, and print what was seen in one line.

    :param words: host, port of the name server, port of the proxy, authority file
    """
    host, dns_port, https_port, authority = words
    address = address_of(host, int(dns_port))
    try:
        status = status_of(host, address, int(https_port), authority)
    except (OSError, http.client.HTTPException) as error:
        raise SystemExit(f"https://{host}:{https_port}: {error}") from error
    if status != 200:
        raise SystemExit(f"https://{host}:{https_port} answers with {status}.")
    print(f"{host} is {address}, answers over HTTPS")


if __name__ == "__main__":
    main(sys.argv[1:])
