"""How many recipients each login wrote to in the last hour."""

import contextlib
import sqlite3
import time

HOUR = 3600


class Quota:
    """A sliding window in a small database, so that a restart gives nobody a new hour."""

    def __init__(self, path, now=time.time):
        self.now = now
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS sent (login TEXT, at REAL, recipients INTEGER)"
        )
        self._db.execute("CREATE INDEX IF NOT EXISTS sent_login ON sent (login, at)")

    def close(self):
        """Close the database."""
        self._db.close()

    def take(self, login, recipients, limit):
        """Count a message, unless it would be too much; return whether it may go."""
        start = self.now() - HOUR
        with self._whole():
            self._db.execute("DELETE FROM sent WHERE at <= ?", [start])
            (sent,) = self._db.execute(
                "SELECT coalesce(sum(recipients), 0) FROM sent WHERE login = ?", [login]
            ).fetchone()
            if sent + recipients > limit:
                return False
            self._db.execute(
                "INSERT INTO sent VALUES (?, ?, ?)", [login, self.now(), recipients]
            )
        return True

    @contextlib.contextmanager
    def _whole(self):
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            self._db.execute("COMMIT")
