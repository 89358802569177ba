"""Clouder over XML-RPC, as any script speaks to it."""

import os
import time
import xmlrpc.client

ENDED = ("done", "failed", "cancelled")


class Failed(Exception):
    """What was to be measured did not work."""


class Api:
    """A script's connection, kept alive."""

    def __init__(self):
        self.url = os.environ["CLOUDER_E2E_URL"]
        self.db = os.environ["CLOUDER_E2E_DB"]
        self.login = os.environ["CLOUDER_E2E_LOGIN"]
        self.password = os.environ["CLOUDER_E2E_PASSWORD"]
        common = xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc/2/common")
        self.uid = common.authenticate(self.db, self.login, self.password, {})
        self._object = xmlrpc.client.ServerProxy(
            f"{self.url}/xmlrpc/2/object", allow_none=True
        )
        if not self.uid:
            raise Failed(f"{self.url} refuses the login of {self.login}.")

    def __call__(self, model, method, *args, **named):
        """Call a public method and return its value."""
        return self._object.execute_kw(
            self.db, self.uid, self.password, model, method, args, named
        )

    def find(self, model, *domain):
        """Return the id of the first match, or None."""
        found = self(model, "search", list(domain), limit=1)
        return found[0] if found else None

    def create(self, model, values, **context):
        """Create one record and return its id."""
        return self(model, "create", [values], context=context)[0]

    def read(self, model, record, field):
        """Return the value of a field."""
        return self(model, "read", [record], fields=[field])[0][field]

    def last_job(self, model, record):
        """Return the id of the last job of a record."""
        return self.read(model, record, "last_job_id")[0]

    def ended(self, job, deadline_s=1800):
        """Wait for a job.

        :raise Failed: it did not do its work
        """
        end = time.monotonic() + deadline_s
        status = {"state": "unknown"}
        while status["state"] not in ENDED and time.monotonic() < end:
            status = self("clouder.job", "wait", [job], timeout=60)
        if status["state"] != "done":
            raise Failed(f"{status}\n{self('clouder.job', 'log', [job])[-10:]}")
