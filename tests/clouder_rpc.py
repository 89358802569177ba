"""Clouder over XML-RPC, as any script speaks to it: for tests and for benchmarks.

It needs nothing but Python, and takes from the environment what is not given.
"""

import os
import xmlrpc.client

ENDED = ("done", "failed", "cancelled")


class LoginRefused(Exception):
    """The server does not let this account in."""


class Rpc:
    """A script's account on one server."""

    def __init__(self, url=None, db=None, login=None, password=None):
        self.url = url or os.environ["CLOUDER_E2E_URL"]
        self.db = db or os.environ["CLOUDER_E2E_DB"]
        self.login = login or os.environ["CLOUDER_E2E_LOGIN"]
        self.password = password or os.environ["CLOUDER_E2E_PASSWORD"]
        common = xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/common")
        self.uid = common.authenticate(self.db, self.login, self.password, {})
        if not self.uid:
            raise LoginRefused(f"{self.url} refuses the login of {self.login}.")
        # What is sent with each call: the password, or an API key in its place.
        self.secret = self.password

    def objects(self):
        """Return what calls go through; a new one lives through a restart of the server."""
        return xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/object", allow_none=True)

    def __call__(self, model, method, *args, **named):
        """Call a public method and return its value."""
        return self.objects().execute_kw(
            self.db, self.uid, self.secret, model, method, args, named
        )

    def find(self, model, *domain):
        """Return the id of the first match, or None."""
        found = self(model, "search", list(domain), limit=1)
        return found[0] if found else None

    def create(self, model, values, **context):
        """Create one record and return its id."""
        return self(model, "create", [values], context=context)[0]

    def read(self, model, record, *fields):
        """Return the fields of a record; a single field's value alone."""
        values = self(model, "read", [record], fields=list(fields))[0]
        return values[fields[0]] if len(fields) == 1 else values

    def last_job(self, model, record):
        """Return the id of the last job of a record."""
        return self.read(model, record, "last_job_id")[0]
