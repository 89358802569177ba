"""Somebody on the website whom nobody has seen before."""

import http.client
import ipaddress
import itertools
import json
import re
import urllib.parse

from .api import Failed
from .visitor import ANSWER_S

# The whole of 127.0.0.0/8 is this machine: each stranger has an address of his own, so
# that the limits of the order form count him alone.
FIRST = ipaddress.IPv4Address("127.64.0.1")
FORM = "application/x-www-form-urlencoded"
CSRF = re.compile(r'name="csrf_token"[^>]*\bvalue="([^"]+)"')
COOKIE = re.compile(r"session_id=[^;]+")

_numbers = itertools.count()


class Stranger:
    """A browser of its own: an address, and a session once it was given one."""

    def __init__(self, url):
        place = urllib.parse.urlsplit(url)
        self.host, self.port = place.hostname, place.port
        self.address = str(FIRST + next(_numbers))
        self.cookie = ""

    def open(self, path):
        """Return the text of a page."""
        return self._ask("GET", path, 200)[1]

    def token(self, path):
        """Open a page with a form; return the token that its answer needs."""
        return CSRF.search(self.open(path))[1]

    def send(self, path, **typed):
        """Send a form; return where the answer leads."""
        body = urllib.parse.urlencode(typed)
        return self._ask("POST", path, 303, body, FORM)[0].getheader("Location")

    def call(self, path, **params):
        """Call a route over JSON-RPC; return its result."""
        body = json.dumps({"jsonrpc": "2.0", "params": params})
        answer = json.loads(self._ask("POST", path, 200, body, "application/json")[1])
        if "error" in answer:
            raise Failed(f"{path}: {json.dumps(answer['error'])[:2000]}")
        return answer["result"]

    def _ask(self, method, path, expected, body=None, kind=None):
        """Return (response, text).

        :raise Failed: the status is another one than ``expected``
        """
        given = {"Content-Type": kind, "Cookie": self.cookie}
        connection = http.client.HTTPConnection(
            self.host, self.port, ANSWER_S, source_address=(self.address, 0)
        )
        try:
            headers = {name: value for name, value in given.items() if value}
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            text = reply.read().decode("utf-8", "replace")
        finally:
            connection.close()
        if found := COOKIE.search(reply.getheader("Set-Cookie") or ""):
            self.cookie = found[0]
        if reply.status != expected:
            raise Failed(f"{method} {path}: {reply.status} {text[-500:]}")
        return reply, text
