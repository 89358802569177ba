"""A worker of jobs inside a test, that a browser watches."""

import contextlib
import functools
import queue
import threading
from unittest import mock

from odoo.http import request

from odoo.addons.clouder.models.job_run import JobRun

LIMIT_SECONDS = 30
# What a browser may need to show what it has read.
SHOW_SECONDS = 0.3


class Worker(threading.Thread):
    """Runs the jobs that a test's browser asks for, one after the other.

    Before each step it waits until the browser has looked at the job since the last
    change. A browser that is not told over the bus does not look, and the job stands
    still: so a job that ends was followed live.
    """

    def __init__(self, env):
        super().__init__(name="clouder-test-worker", daemon=True)
        self.registry = env.registry
        self.asked = queue.SimpleQueue()
        self.looked = threading.Event()
        self.looks = []
        self.faults = []
        self.closing = threading.Event()

    def run(self):
        while (job_id := self.asked.get()) is not None:
            try:
                JobRun(self.registry, job_id).run()
            except Exception as error:  # noqa: BLE001 the test tells it
                self.faults.append(error)

    def wait_for_browser(self):
        """Wait until the browser has seen how far the job is."""
        if not self.looked.wait(LIMIT_SECONDS):
            self.faults.append(TimeoutError("the browser did not follow the job"))
        self.closing.wait(SHOW_SECONDS)
        self.looked.clear()
        if self.closing.is_set():
            raise SystemExit


@contextlib.contextmanager
def worker(env):
    """Have the jobs that are queued inside the block run by a :class:`Worker`."""
    thread = Worker(env)
    jobs = env.registry["clouder.job"]
    status, run_step = jobs.status, JobRun._run_step

    @functools.wraps(status)
    def seen_status(self):
        result = status(self)
        if request:
            thread.looks.append((result["state"], result["progress"]))
            thread.looked.set()
        return result

    def watched_step(self, step_id):
        thread.wait_for_browser()
        return run_step(self, step_id)

    def queue_job(self):
        for job in self:
            thread.asked.put(job.id)

    with (
        mock.patch.object(jobs, "status", seen_status),
        mock.patch.object(jobs, "_queue", queue_job),
        mock.patch.object(JobRun, "_run_step", watched_step),
    ):
        thread.start()
        try:
            yield thread
        finally:
            thread.closing.set()
            thread.asked.put(None)
            thread.looked.set()
            thread.join(LIMIT_SECONDS)
