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


def once(key, compute):
    """Return ``compute()``; in a job it is called once and remembered until the run ends.

    For what is dear to find out and holds for the whole of a job. Plain values only:
    records do not outlive the transaction of a step.

    :param key: what the value is, and of which record
    """
    job_log = current()
    if job_log is None:
        return compute()
    if key not in job_log.known:
        job_log.known[key] = compute()
    return job_log.known[key]
