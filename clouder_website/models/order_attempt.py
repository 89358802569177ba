import contextlib
import threading
from datetime import timedelta

from odoo import api, fields, models

from ..lib.tokens import keyed_digest

KEEP_HOURS = 24
# Each request holds a connection already: when many come at once, they must not take as
# many again, or the pool is empty and people are answered with an error.
_SPARE_LINES = threading.BoundedSemaphore(4)


class ClouderOrderAttempt(models.Model):
    """What was tried lately, by whom: a digest of the address or e-mail.

    It is written through a cursor of its own, so a request that is refused counts, too.
    """

    _name = "clouder.order.attempt"
    _description = "Attempt at the Order Form"
    _log_access = False
    _order = "id desc"

    kind = fields.Char(required=True, readonly=True)
    key = fields.Char(required=True, readonly=True, help="A digest, not the address.")
    at = fields.Datetime(required=True, readonly=True)

    _recent_idx = models.Index("(kind, key, at)")
    _at_idx = models.Index("(at)")

    @api.model
    @api.private
    def digest(self, text):
        """Return what stands for ``text`` (an address, an e-mail) in the database."""
        # sudo: a system parameter: the key of a digest, which alone is returned
        parameters = self.env["ir.config_parameter"].sudo()
        return keyed_digest(parameters.get_param("database.secret") or "", text)

    @api.model
    @api.private
    def allow(self, kind, text, limit, seconds=3600):
        """Take note of an attempt and tell whether it is within the limit.

        Of any number at the same moment never more than ``limit`` are let through: each
        counts only after it is written. What is refused at once is not written, so the
        table does not grow with the persistence of a robot.

        :param str kind: what is tried, e.g. ``order_address``
        :param str text: who tries
        :param int limit: so many within the time; 0 for no limit
        :param int seconds: how far back attempts count
        :return: bool
        """
        if not limit:
            return True
        values = {"kind": kind, "key": self.digest(text)}
        if self._count(values, seconds) >= limit:
            return False
        with self._cursor() as cr:
            # sudo: a cursor of its own: the attempt counts even when the request is rolled back
            attempts = self.sudo().with_env(self.env(cr=cr, su=True))
            attempts.create({**values, "at": fields.Datetime.now()})
        return self._count(values, seconds) <= limit

    @contextlib.contextmanager
    def _cursor(self):
        """Give a cursor beside the one of the request, which waits for a free one."""
        with _SPARE_LINES, self.env.registry.cursor() as cr:
            yield cr

    @api.model
    def _count(self, values, seconds):
        since = fields.Datetime.now() - timedelta(seconds=seconds)
        with self._cursor() as cr:
            # sudo: a cursor of its own, to count the attempts of requests that run now
            attempts = self.with_env(self.env(cr=cr, su=True))
            domain = [(name, "=", value) for name, value in values.items()]
            return attempts.search_count([*domain, ("at", ">", since)])

    @api.autovacuum
    def _gc_attempts(self):
        """Drop what no limit looks back at."""
        limit = fields.Datetime.now() - timedelta(hours=KEEP_HOURS)
        # sudo: the vacuum of Odoo works for all users
        old = self.sudo().search([("at", "<", limit)], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000
