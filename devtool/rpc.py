"""Clouder's public methods over XML-RPC, as any script of an administrator calls them."""

import xmlrpc.client
from collections.abc import Callable
from typing import Any

from .console import Stop

ENDED = ("done", "failed", "cancelled")


class Rpc:
    """A logged-in connection to one Odoo database."""

    def __init__(self, url: str, database: str, login: str, password: str):
        """Log in.

        :raise Stop: the server refused the login
        """
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self._objects = xmlrpc.client.ServerProxy(
            f"{url}/xmlrpc/2/object", allow_none=True
        )
        self._database, self._password = database, password
        self._uid = common.authenticate(database, login, password, {})
        if not self._uid:
            raise Stop(
                f"{url} refused the login of {login}: its password was changed by hand; "
                "give it back, or go on with --no-demo."
            )

    def call(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        """Call a public method and return its value.

        :raise Stop: the server answered with an error
        """
        try:
            return self._objects.execute_kw(
                self._database, self._uid, self._password, model, method, args, named
            )
        except xmlrpc.client.Fault as fault:
            text = fault.faultString.strip().splitlines()[-1]
            raise Stop(f"{model}.{method} failed: {text}") from fault

    def find(self, model: str, *domain: tuple[str, str, Any]) -> int | None:
        """Return the id of the first record that matches, or None."""
        found = self.call(model, "search", list(domain), limit=1)
        return int(found[0]) if found else None

    def ensure(
        self,
        model: str,
        keys: dict[str, Any],
        values: dict[str, Any],
        context: dict[str, Any] | None = None,
    ) -> int:
        """Return the id of the record with these keys; it is created when missing.

        :param keys: fields that tell the record
        :param values: further fields of a new one
        :param context: context of its creation
        """
        found = self.find(model, *[(name, "=", value) for name, value in keys.items()])
        if found:
            return found
        named = {"context": context} if context else {}
        made = self.call(model, "create", [{**keys, **values}], **named)
        return int(made[0])

    def read(self, model: str, record: int, *fields: str) -> dict[str, Any]:
        """Return the named fields of a record."""
        return dict(self.call(model, "read", [record], fields=list(fields))[0])

    def follow(
        self, job: int, show: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        """Wait until a job has ended.

        :param show: called with the job's status whenever something in it is new
        :return: its last status
        """
        shown = None
        while True:
            now: dict[str, Any] = self.call("clouder.job", "wait", [job], timeout=1)
            seen = (now["state"], now["step"], now["progress"])
            if seen != shown:
                show(now)
                shown = seen
            if now["state"] in ENDED:
                return now
