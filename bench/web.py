"""The web client of Clouder, without a browser: what it asks when a page opens."""

import json
import os
import pathlib
import re
import time

import requests
from lxml import etree

from .waiting import wait_until

# The server's log ends a request with: number of queries, their time, the other time.
LINE = re.compile(r'"POST (\S+) HTTP[^"]*" (\d+) - (\d+) ([0-9.]+) ([0-9.]+)')


class Web:
    """A session of the user who measures; each call tells its cost."""

    def __init__(self, api):
        self.url = api.url
        self.session = requests.Session()
        self.log = pathlib.Path(os.environ["CLOUDER_E2E_STATE"]) / "odoo.log"
        params = {"db": api.db, "login": api.login, "password": api.password}
        self._post("/web/session/authenticate", params)

    def _post(self, path, params):
        reply = self.session.post(
            self.url + path, json={"jsonrpc": "2.0", "params": params}, timeout=120
        ).json()
        if "error" in reply:
            raise RuntimeError(json.dumps(reply["error"])[:2000])
        return reply["result"]

    def call(self, model, method, *args, **named):
        """Call a method as the web client does."""
        params = {"model": model, "method": method, "args": args, "kwargs": named}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def cost(self, model, method, *args, **named):
        """Call a method; return (SQL queries, seconds) and its result."""
        offset = self.log.stat().st_size
        begun = time.monotonic()
        result = self.call(model, method, *args, **named)
        taken = time.monotonic() - begun
        queries = self._logged(offset, f"/web/dataset/call_kw/{model}/{method}")
        return queries, taken, result

    def _logged(self, offset, path):
        """Return how many queries the server's log tells of the last request."""

        def told():
            with self.log.open() as log:
                log.seek(offset)
                lines = [found for found in LINE.finditer(log.read())]
            return [one for one in lines if one[1].partition("#")[0] == path]

        return int(wait_until(f"{self.log} tells of {path}", told)[0][3])


def specification(web, model, kind):
    """Return what the web client asks for in the default view of ``kind``."""
    views = web.call(model, "get_views", [[False, kind]], {"toolbar": True})
    arch = etree.fromstring(views["views"][kind]["arch"])
    fields = {name: data["fields"] for name, data in views["models"].items()}
    return _fields_of(arch, model, fields)


def _fields_of(node, model, models):
    """Return the specification of the fields below a view's node."""
    wanted = {}
    for field in _own_fields(node):
        name = field.get("name")
        described = models[model][name]
        wanted[name] = {}
        if described["type"] in ("many2one", "reference"):
            wanted[name] = {"fields": {"display_name": {}}}
        elif described["type"] in ("one2many", "many2many"):
            sub = _sub_fields(field, described["relation"], models)
            wanted[name] = {"fields": sub, "limit": 40, "order": ""} if sub else {}
    return wanted


def _own_fields(node):
    """Yield the fields of a view, those of views inside of its fields left out."""
    for child in node:
        if child.tag == "field":
            yield child
        else:
            yield from _own_fields(child)


def _sub_fields(field, relation, models):
    for child in field:
        if child.tag in ("list", "kanban"):
            return _fields_of(child, relation, models)
    if field.get("widget") == "many2many_tags":
        return {"display_name": {}}
    return {}
