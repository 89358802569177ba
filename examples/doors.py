"""Four doors to Clouder, each a class of its own: take one, and leave the others.

All of them have the same three methods, so the programs beside this file work through
any of them. Errors are one sentence each, in :class:`Refused`.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
import xmlrpc.client

ENDED = ("done", "failed", "cancelled")
TIMEOUT_S = 180


class Refused(Exception):
    """Clouder said no, or could not be asked."""


class XmlRpc:
    """XML-RPC, with Python's own library."""

    def __init__(self, url, db, login, key):
        self.caller = (db, self._login(url, db, login, key), key)
        self.models = xmlrpc.client.ServerProxy(
            f"{url}/xmlrpc/2/object", allow_none=True
        )

    def _login(self, url, db, login, key):
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        if uid := common.authenticate(db, login, key, {}):
            return uid
        raise Refused(f"{url} does not know {login}, or not by this key.")

    def _execute(self, model, method, *args, **named):
        try:
            return self.models.execute_kw(*self.caller, model, method, args, named)
        except xmlrpc.client.Fault as fault:
            raise Refused(fault.faultString) from fault

    def create(self, model, values):
        """Create a record and return its id."""
        return self._execute(model, "create", [values])[0]

    def find(self, model, domain, fields):
        """Return the fields of all records that match: a list of dicts."""
        return self._execute(model, "search_read", domain, fields=fields)

    def call(self, model, method, record=None, **named):
        """Call a method of one record, or without one of the model."""
        ids = [] if record is None else [[record]]
        return self._execute(model, method, *ids, **named)


class JsonRpc:
    """JSON-RPC, with nothing but HTTP and JSON."""

    def __init__(self, url, db, login, key):
        self.url = url
        uid = self._post("common", "login", db, login, key)
        if not uid:
            raise Refused(f"{url} does not know {login}, or not by this key.")
        self.caller = (db, uid, key)

    def _post(self, service, method, *args):
        params = {"service": service, "method": method, "args": args}
        reply = ask(f"{self.url}/jsonrpc", {"jsonrpc": "2.0", "params": params})
        if "error" in reply:
            raise Refused(reply["error"]["data"]["message"])
        return reply.get("result")

    def _execute(self, model, method, *args, **named):
        words = (*self.caller, model, method, args, named)
        return self._post("object", "execute_kw", *words)

    def create(self, model, values):
        """Create a record and return its id."""
        return self._execute(model, "create", [values])[0]

    def find(self, model, domain, fields):
        """Return the fields of all records that match: a list of dicts."""
        return self._execute(model, "search_read", domain, fields=fields)

    def call(self, model, method, record=None, **named):
        """Call a method of one record, or without one of the model."""
        ids = [] if record is None else [[record]]
        return self._execute(model, method, *ids, **named)


class Json2:
    """The door of Odoo 19: arguments have names, and an API key says who calls."""

    def __init__(self, url, db, _login, key):
        self.url = url
        self.headers = {"Authorization": f"Bearer {key}", "X-Odoo-Database": db}

    def _execute(self, model, method, **named):
        return ask(f"{self.url}/json/2/{model}/{method}", named, self.headers)

    def create(self, model, values):
        """Create a record and return its id."""
        return self._execute(model, "create", vals_list=[values])[0]

    def find(self, model, domain, fields):
        """Return the fields of all records that match: a list of dicts."""
        return self._execute(model, "search_read", domain=domain, fields=fields)

    def call(self, model, method, record=None, **named):
        """Call a method of one record, or without one of the model."""
        ids = {} if record is None else {"ids": [record]}
        return self._execute(model, method, **ids, **named)


class OdooRpc:
    """The independent client OdooRPC: pip install odoorpc."""

    def __init__(self, url, db, login, key):
        try:
            import odoorpc
        except ImportError as error:
            raise Refused("OdooRPC is not there: pip install odoorpc.") from error
        parts = urllib.parse.urlsplit(url)
        secure = parts.scheme == "https"
        self.error = odoorpc.error.Error
        self.odoo = odoorpc.ODOO(
            parts.hostname,
            protocol="jsonrpc+ssl" if secure else "jsonrpc",
            port=parts.port or (443 if secure else 80),
            timeout=TIMEOUT_S,
            version="19.0",
        )
        self._tried(self.odoo.login, db, login, key)

    def _tried(self, function, *args, **named):
        try:
            return function(*args, **named)
        except self.error as error:
            raise Refused(str(error)) from error

    def create(self, model, values):
        """Create a record and return its id."""
        return self._tried(self.odoo.execute, model, "create", values)

    def find(self, model, domain, fields):
        """Return the fields of all records that match: a list of dicts."""
        return self._tried(self.odoo.execute, model, "search_read", domain, fields)

    def call(self, model, method, record=None, **named):
        """Call a method of one record, or without one of the model."""
        ids = [] if record is None else [[record]]
        return self._tried(self.odoo.execute_kw, model, method, ids, named)


DOORS = {"xmlrpc": XmlRpc, "jsonrpc": JsonRpc, "json2": Json2, "odoorpc": OdooRpc}


def ask(url, body, headers=None):
    """Send JSON and return the JSON that comes back.

    :raise Refused: the answer is an error; the sentence is the server's
    """
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise Refused(_message(error)) from error


def _message(error):
    """Return what the server says in an HTTP answer that is an error."""
    try:
        return json.load(error)["message"]
    except (ValueError, KeyError, TypeError):
        return f"{error.url} answered {error.code} {error.reason}."


def parser(description):
    """Return a parser that knows where Clouder is and who calls."""
    made = argparse.ArgumentParser(
        description=description,
        epilog="CLOUDER_KEY in the environment is the API key (or, but for json2, the "
        "password): it is never given on the command line.",
    )
    known = os.environ.get
    made.add_argument("--door", choices=DOORS, default="json2", help="default: json2")
    made.add_argument("--url", default=known("CLOUDER_URL"), help="or CLOUDER_URL")
    made.add_argument("--db", default=known("CLOUDER_DB"), help="or CLOUDER_DB")
    made.add_argument(
        "--login", default=known("CLOUDER_LOGIN"), help="or CLOUDER_LOGIN"
    )
    return made


def run(work, options):
    """Open the door, do the work, and end the program: 0 when all went well."""
    try:
        work(_opened(options), options)
    except Refused as refused:
        sys.exit(f"error: {refused}")
    except (OSError, xmlrpc.client.ProtocolError) as error:
        sys.exit(f"error: {options.url} cannot be reached: {error}")


def _opened(options):
    key = os.environ.get("CLOUDER_KEY")
    missing = [name for name in ("url", "db", "login") if not getattr(options, name)]
    if missing or not key:
        wanted = [f"CLOUDER_{name.upper()}" for name in missing]
        wanted += [] if key else ["CLOUDER_KEY"]
        raise Refused(f"Say where and who you are: {', '.join(wanted)} is not set.")
    door = DOORS[options.door]
    return door(options.url.rstrip("/"), options.db, options.login, key)


def only(door, model, field, value):
    """Return the id of the record whose field has a value.

    :raise Refused: there is none, or none that you may see
    """
    found = door.find(model, [[field, "=", value]], ["id"])
    if not found:
        raise Refused(f"There is no {model} whose {field} is {value}.")
    return found[0]["id"]


def follow(door, job):
    """Print how a job goes until it has ended.

    :raise Refused: it failed, and says why
    """
    shown = None
    while True:
        now = door.call("clouder.job", "wait", job, timeout=10)
        if (now["progress"], now["step"]) != shown:
            shown = (now["progress"], now["step"])
            print(f"{now['progress']:3d} %  {now['step']}", file=sys.stderr)
        if now["state"] == "done":
            return
        if now["state"] in ENDED:
            raise Refused(now["error"] or f"Job {job} was {now['state']}.")
