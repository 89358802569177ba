"""Loaded by the server: jobs of databases that come, go and are told by host name.

The runner of queue_job asks for a job at the loopback address, whose name is that of no
database, and it looks for databases only when it starts. Here it asks under the
database's own name, and looks again every few seconds.
"""

import types

import requests

from odoo.addons.queue_job.jobrunner import runner

LOOK_S = 5
DATABASE = "X-Odoo-Database"

_known_names = runner.QueueJobRunner.get_db_names
_wait = runner.QueueJobRunner.wait_notification
_close = runner.QueueJobRunner.close_databases


def get(url, headers, **named):
    """Ask for ``url`` under the name of the database that ``headers`` tell."""
    sent = {**headers, "Host": headers[DATABASE]}
    return requests.get(url, headers=sent, **named)  # noqa: S113 the caller gives one


def new_names(self):
    """Return the databases that the runner has not looked at yet."""
    found = set(_known_names(self)) - vars(self).setdefault("looked_at", set())
    self.looked_at |= found
    return list(found)


def wait_and_look(self):
    """Wait for something to happen, then take up databases that are new."""
    _wait(self)
    if not self._stop:
        self.initialize_databases()


def forget(self, **named):
    """Leave all databases; the next look finds them again."""
    _close(self, **named)
    self.looked_at = set()


runner.SELECT_TIMEOUT = LOOK_S
runner.requests = types.SimpleNamespace(get=get, Timeout=requests.Timeout)
runner.QueueJobRunner.get_db_names = new_names
runner.QueueJobRunner.wait_notification = wait_and_look
runner.QueueJobRunner.close_databases = forget
