"""Somebody who opens a page."""

import http.client

from .waiting import wait_until

ANSWER_S = 60


def status_of(host, port, address="127.0.0.1", path="/"):
    """Return (status, body) of a page; status 0 when nobody answers."""
    connection = http.client.HTTPConnection(address, port, timeout=ANSWER_S)
    try:
        connection.request("GET", path, headers={"Host": host})
        reply = connection.getresponse()
        return reply.status, reply.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def wait_answer(host, status, port, address="127.0.0.1", body=None, path="/"):
    """Wait until a page of ``host`` answers with ``status`` (and ``body``).

    :raise Failed: it does not
    """

    def right():
        seen = status_of(host, port, address, path)
        return seen[0] == status and body in (None, seen[1])

    wait_until(f"{host}{path} answers {status}", right)
