"""How a script talks to Clouder, and how a browser talks to what it hosts."""

import contextlib
import http.client
import json
import os
import re
import urllib.parse
import xmlrpc.client

import requests
from clouder_lib.wait import wait_for
from clouder_rpc import ENDED, Rpc

# What a client meets while the server is being restarted.
AWAY = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)
# Begins the names of the containers; another one lets two servers share an engine.
PREFIX = os.environ.get("CLOUDER_E2E_PREFIX", "e2e")


class Api(Rpc):
    """Clouder over XML-RPC, with what tests wait for."""

    def follow(self, job, deadline_s=600):
        """Wait until ``job`` has ended, over restarts of the server; return its status."""
        status = {}

        def look():
            with contextlib.suppress(*AWAY):
                status.update(self("clouder.job", "wait", [job], timeout=60))
            return status.get("state") in ENDED, str(status)

        wait_for(f"the end of job {job}", look, deadline_s)
        return status

    def settle(self, model, record, state="done"):
        """Wait for the last job of a record and see that it ended as it should."""
        status = self.follow(self.last_job(model, record))
        assert status["state"] == state, self.story(status)
        return status

    def story(self, status):
        """Return what a job says of itself, for the message of a failed test."""
        lines = self("clouder.job", "log", [status["id"]])
        log = "\n".join(f"{line['time']} {line['text']}" for line in lines[-40:])
        return f"{status}\n{log}"


class Json2(Api):
    """The same over ``/json/2``, where arguments have names and keys are passwords."""

    POSITIONS = {
        "create": ("vals_list",),
        "search": ("domain",),
        "search_read": ("domain",),
    }

    def __init__(self, key):
        self.url = os.environ["CLOUDER_E2E_URL"]
        self.db = os.environ["CLOUDER_E2E_DB"]
        self.key = key

    def __call__(self, model, method, *args, **named):
        """Call a public method and return its value."""
        names = self.POSITIONS.get(method, ("ids",))
        body = {**dict(zip(names, args, strict=True)), **named}
        reply = requests.post(
            f"{self.url}/json/2/{model}/{method}",
            json=body,
            headers={
                "Authorization": f"Bearer {self.key}",
                "X-Odoo-Database": self.db,
            },
            timeout=180,
        )
        assert reply.status_code == 200, reply.text[-2000:]
        return reply.json()


class Refused(Exception):
    """An Odoo answered a call with an error of its own."""

    def __init__(self, error):
        super().__init__(error)
        self.name = error["data"]["name"]


class Browser:
    """A visitor of one hosted instance, through the proxy, with cookies."""

    def __init__(self, host, port=None):
        self.host = host
        self.port = int(port or os.environ["CLOUDER_E2E_PROXY_HTTP"])
        self.cookies = {}

    def request(self, path, body=None, headers=None):
        """Return (status, headers, body text) without following redirects."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Host": f"{self.host}:{self.port}", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection.request("POST" if body is not None else "GET", path, body, sent)
        reply = connection.getresponse()
        text = reply.read().decode("utf-8", "replace")
        for name, value in reply.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        connection.close()
        return reply.status, dict(reply.getheaders()), text

    def login(self, login, password):
        """Log in to the Odoo of this host; return whether it let us in."""
        _status, _headers, page = self.request("/web/login")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
        form = urllib.parse.urlencode(
            {"login": login, "password": password, "csrf_token": token}
        )
        status, _headers, _text = self.request(
            "/web/login", form, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        return status == 303

    def call(self, model, method, *args, **named):
        """Call a method of the hosted Odoo as the web client does."""
        payload = {
            "jsonrpc": "2.0",
            "params": {"model": model, "method": method, "args": args, "kwargs": named},
        }
        status, _headers, text = self.request(
            f"/web/dataset/call_kw/{model}/{method}",
            json.dumps(payload),
            {"Content-Type": "application/json"},
        )
        assert status == 200, f"{status}: {text[:500]}"
        reply = json.loads(text)
        if "error" in reply:
            raise Refused(reply["error"])
        # A method that returns nothing has no result.
        return reply.get("result")


def api_key(api):
    """Make an API key as a user does: in his web session, after a password check."""
    host, _, port = api.url.rpartition("/")[2].partition(":")
    browser = Browser(host, port)
    assert browser.login(api.login, api.password)
    [wizard] = browser.call(
        "res.users.apikeys.description", "create", [{"name": "e2e", "duration": "1"}]
    )
    shown = browser.call("res.users.apikeys.description", "make_key", [wizard])
    if shown["res_model"] == "res.users.identitycheck":
        shown = browser.call(
            "res.users.identitycheck",
            "run_check",
            [shown["res_id"]],
            context={"password": api.password},
        )
    return shown["context"]["default_key"]
