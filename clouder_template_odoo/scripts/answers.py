"""Runs in an Odoo container: print the status that a host's page has there.

Usage: python3 - PORT HOST PATH
"""

import http.client
import sys


def status(port, host, path):
    """Return the status of a page as text, or what went wrong."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    try:
        connection.request("GET", path, headers={"Host": host})
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({error})"


if __name__ == "__main__":
    print(status(*sys.argv[1:]))
