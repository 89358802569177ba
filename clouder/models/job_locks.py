"""The advisory locks under which the hooks of jobs work."""

import collections
import contextlib

from ..lib.limits import LOCK_S
from .job_wait import WaitForJob

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
TRY = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"


def lock(cr, names):
    """Hold the advisory locks ``names`` to the end of the transaction of ``cr``."""
    cr.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_S}s"])
    for name in sorted(names):
        cr.execute(LOCK, [name])


def take_turns(cr, turns):
    """Hold the advisory locks that nobody else holds now.

    :param dict turns: name of a lock to what is said while another one holds it
    :raise WaitForJob: another one holds it; its worker does something else meanwhile
    """
    for name, sentence in sorted(turns.items()):
        cr.execute(TRY, [name])
        [[mine]] = cr.fetchall()
        if not mine:
            raise WaitForJob(sentence)


class Locks(collections.namedtuple("Locks", "names turns")):
    """What a hook needs: locks that it waits for, and those it comes back for later."""

    @classmethod
    def of(cls, record, hook):
        """Return the locks of ``hook`` of ``record``; none when that was deleted."""
        if not record:
            return cls((), {})
        own = f"{record._name},{record.id}"
        return cls((own, *record._hook_locks(hook)), record._hook_turns(hook))

    @contextlib.contextmanager
    def held(self, registry):
        """Hold these locks in a transaction of their own.

        :raise WaitForJob: as :func:`take_turns`
        """
        with registry.cursor() as cr:
            take_turns(cr, self.turns)
            lock(cr, set(self.names))
            yield
