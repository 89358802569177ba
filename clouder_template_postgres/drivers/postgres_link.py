import json
import pathlib

from odoo import api, models

from odoo.addons.clouder.lib import names
from odoo.addons.clouder.lib.errors import ClouderError
from odoo.addons.clouder.lib.secrets import generate_password

from ..lib import sql
from ..lib.failure import SqlFailed
from .postgres import ADDON, PORT

PROBE = pathlib.Path(ADDON / "lib/probe_script.py")
NO_SUCH_COMMAND = (126, 127)
PROBE_SECONDS = 30


class ProbeFailed(ClouderError):
    """The consumer does not reach its database server."""


class ClouderDriverPostgres(models.AbstractModel):
    """Links: each consumer gets a role of its own with a generated password."""

    _inherit = "clouder.driver.postgres"

    @api.private
    def link_provide(self, link):
        service = link.target._exec_service()
        known = link._facts()
        facts = {
            "host": service.name,
            "port": PORT,
            "user": known.get("user") or self._role_name(link),
            "password": known.get("password") or generate_password(32),
        }
        self._have_role(service, facts["user"], facts["password"], self._mark(link))
        return facts

    @api.model
    def _role_name(self, link):
        kind = link._owner()._name.rpartition(".")[2][0]
        return names.role_name(link._consumer().name, kind, link.id)

    @api.private
    def link_withdraw(self, link):
        """Drop the consumer's role, or lock it while databases still belong to it.

        :raise EngineMissing: there is no container now; its data comes back with it
        """
        role = link._facts().get("user")
        service = link.target._exec_service()
        if not role or not service or service.state == "purged":
            return
        constant = (ADDON / "sql/withdraw.sql").read_text()
        values = {"role": role, "mark": self._mark(link)}
        self._psql(service, sql.parameters(values) + constant)

    @api.private
    def link_probe(self, link):
        """Log in from the consumer's container; from the server where that has no Python.

        The second way proves password and server, but not the network between them.
        """
        facts = link._facts()
        consumer = link._consumer()._exec_service()
        seconds = link._probe_seconds(PROBE_SECONDS)
        if not self._probe_from(consumer, facts, seconds):
            self._log(
                self.env._(
                    "%s has no Python: the link is probed from its target.",
                    consumer.name,
                ),
                "output",
            )
            self._probe_at_target(link.target._exec_service(), facts)

    @api.model
    def _probe_from(self, consumer, facts, seconds):
        """Log in from ``consumer``; return False when its image cannot try.

        :raise ProbeFailed: it tried in vain
        """
        script = f"FACTS = {json.dumps(facts)!r}\n{PROBE.read_text()}"
        result = consumer._runner().exec(
            consumer,
            ["python3", "-"],
            stdin=script.encode(),
            check=False,
            timeout=seconds,
        )
        if result.status in NO_SUCH_COMMAND:
            return False
        if result.status:
            said = (result.output or result.error).strip().splitlines() or ["nothing"]
            raise ProbeFailed(
                self.env._(
                    "%(consumer)s cannot log in to PostgreSQL at %(host)s: %(reason)s",
                    consumer=consumer.name,
                    host=facts["host"],
                    reason=said[-1],
                )
            )
        return True

    @api.model
    def _probe_at_target(self, service, facts):
        line = "\\connect {}\n".format(
            sql.literal(
                "dbname=postgres host=127.0.0.1 port={port} user={user} "
                "password={password}".format(**facts)
            )
        )
        try:
            self._psql(service, line)
        except SqlFailed as error:
            raise ProbeFailed(str(error)) from error
