"""The job that the running code belongs to.

A context variable and not a key of Odoo's context: a caller over RPC chooses his
own context, and could otherwise write into the log of somebody else's job.
"""

import contextlib
import contextvars

_current = contextvars.ContextVar("clouder_job", default=None)


def current():
    """Return the :class:`~.job_log.JobLog` of the running job, or None outside jobs."""
    return _current.get()


@contextlib.contextmanager
def running(job_log):
    """Make ``job_log`` the one that :func:`current` returns inside the block."""
    token = _current.set(job_log)
    try:
        yield job_log
    finally:
        _current.reset(token)


def know_secret(value):
    """Have ``value`` (str or None) masked in the log of the running job."""
    job_log = current()
    if job_log is not None and value:
        job_log.know_secret(value)
