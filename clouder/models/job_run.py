"""Runs the steps of one job, each in a transaction of its own."""

import collections
import logging
import random
import secrets
import time
import traceback

import psycopg2
import psycopg2.pool

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError

from ..lib.errors import ClouderError, JobCancelled
from . import job_context
from .job import ENDED_STATES
from .job_gather import gather
from .job_locks import Locks, lock
from .job_log import JobLog, commit_early
from .job_step import KILLS
from .job_wait import NodeFull, WaitForJob

_logger = logging.getLogger(__name__)

CONFLICT_TRIES = 5
CONFLICTS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
)
# The database is away for a moment, or has no connection to spare.
PASSING = (psycopg2.OperationalError, psycopg2.pool.PoolError)
BACKOFF_SECONDS = (2, 5, 10, 20, 40, 60)
Wait = collections.namedtuple("Wait", "seconds reason")


def backoff(attempt):
    """Return the seconds to wait before try ``attempt`` + 1, with a little spread."""
    base = BACKOFF_SECONDS[min(max(attempt, 1), len(BACKOFF_SECONDS)) - 1]
    return base + random.randint(0, base // 5)  # noqa: S311 spread, no secret


class JobRun:
    """One run of a job by a worker: goes on where the last run stopped."""

    def __init__(self, registry, job_id):
        self.registry = registry
        self.job_id = job_id
        self.log = JobLog(registry, job_id)
        self._ended = None
        self._gathers = False
        # Whether it began and has work left: else there is nothing to take back.
        self._undone = False

    def run(self):
        """Run the steps that are not done yet.

        :return: None when the job has ended, a :class:`Wait` when it must be tried again
        """
        with job_context.running(self.log):
            try:
                steps = self._begin()
                self._undone = bool(steps)
                for step_id in steps:
                    self._run_step(step_id)
                self._undone = False
                self.log.flush(tell=False)
                self._in_job(self._finish)
            except Exception as error:  # noqa: BLE001 every failure is told on the record
                return self._failed(error)
            finally:
                self._flush()
        return None

    def _flush(self):
        """Write what is left of the log; the outcome is written, it must not change."""
        try:
            self.log.flush()
        except psycopg2.Error:
            _logger.exception("The end of the log of job %s is lost", self.job_id)

    def _in_job(self, function, durable=True):
        """Call ``function(job)`` in a short transaction; again when another one won.

        :param bool durable: wait until it is on disk; without, a power cut may undo it
            (and with it nothing that was committed before)
        """
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                with self.registry.cursor() as cr:
                    # sudo: a job does what was allowed when it was asked for
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    if not durable:
                        commit_early(cr)
                    return function(env["clouder.job"].browse(self.job_id))
            except CONFLICTS:
                if attempt == CONFLICT_TRIES:
                    raise
        return None

    def _begin(self):
        """Mark the job as running; return the ids of the steps that are left.

        :raise NodeFull: its node has enough to do; the lock keeps two jobs from taking
            the last place
        """
        with self.registry.cursor() as cr:
            # sudo: a job does what was allowed when it was asked for
            job = api.Environment(cr, SUPERUSER_ID, {})["clouder.job"].browse(
                self.job_id
            )
            if node := job.exists().node_id:
                lock(cr, [f"jobs of {node._name},{node.id}"])
            return self._in_job(self._start)

    def _start(self, job):
        if not job.exists() or job.state not in ("pending", "running", "retrying"):
            return []
        job._check_place()
        if not job._record():
            raise UserError(job.env._("The record of this job was deleted."))
        if job.state == "running":
            # Its last run neither ended it nor put it off: the worker was killed.
            job.step_ids._note_killed()
        job.write(
            {
                "state": "running",
                "attempts": job.attempts + 1,
                "started_at": job.started_at or fields.Datetime.now(),
                "next_try": False,
            }
        )
        job._record()._job_started(job)
        job._notify()
        return job.step_ids.filtered(lambda step: step.state != "done").ids

    def _finish(self, job):
        if job.exists():
            self._note_ended(job)
            if job.state == "running":
                job._end("done")

    def _run_step(self, step_id):
        locks = self._turn_to(step_id)
        if self._gathers:
            gather(self.registry, step_id)
        self.log.step_id = step_id
        begun = time.monotonic()
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                self._work(step_id, locks)
                break
            except CONFLICTS:
                if attempt == CONFLICT_TRIES:
                    raise
                self.log.write("A record was changed meanwhile: the step starts again.")
        self._ended = step_id, fields.Datetime.now(), time.monotonic() - begun

    def _turn_to(self, step_id):
        """Note that the former step is done and that this one runs.

        Should a power cut undo the note, the former step is done again: it is
        idempotent, and what it wrote itself is on disk.

        :return: the :class:`Locks` that the step needs
        :raise JobCancelled: the job was cancelled, or deleted
        :raise ServerStopped: the server was stopped in this step too often
        """

        def turn(job):
            if not job.exists():
                return None
            self._note_ended(job)
            step = job.step_ids.browse(step_id)
            # Killed even while it took back what was done: that is left alone then.
            self._undone = step.killed <= KILLS
            if not job.cancel_requested:
                step._check_killed()
                step._note_started()
            job._notify()
            self._gathers = step._record()._hook_gathers(step.hook)
            if job.cancel_requested:
                return None
            return Locks.of(step._record(), step.hook)

        self.log.flush(tell=False)
        locks = self._in_job(turn, durable=False)
        self._ended = None
        if locks is None:
            self.log.check_cancelled()
        return locks

    def _note_ended(self, job):
        """Write on ``job`` that the step which ended last is done."""
        if self._ended:
            step_id, ended_at, duration = self._ended
            job.step_ids.browse(step_id)._note_done(ended_at, duration)

    def _work(self, step_id, locks):
        """Call the hook of the step, under its locks, in a transaction of its own."""

        def target(env):
            step = env["clouder.job.step"].browse(step_id)
            return step._record(), step.hook

        self._call_hook(target, locks)

    def _call_hook(self, target, locks):
        """Call a hook on a record under its advisory locks.

        The locks are taken before the hook's transaction opens: so its snapshot shows
        whatever the former holders committed.

        :param target: called with an environment; returns the record and the hook's name
        :param locks: the :class:`Locks`
        """
        with locks.held(self.registry), self.registry.cursor() as cr:
            # sudo: a job does what was allowed when it was asked for
            record, hook = target(api.Environment(cr, SUPERUSER_ID, {}))
            if record:
                record.with_context(tracking_disable=True)._run_hook(hook)

    def _failed(self, error):
        """Write what happened on the job and its record; say when to try again.

        What goes wrong in doing so is a failure of the job, too.
        """
        try:
            return self._settle(error)
        except Exception as second:  # noqa: BLE001 every failure is told on the record
            sentence, detail = self._explain(second)
            self.log.write(sentence, "error")
            return self._give_up("failed", sentence, detail)

    def _settle(self, error):
        sentence, detail = self._explain(error)
        if isinstance(error, NodeFull):
            return Wait(error.seconds, sentence)
        if isinstance(error, WaitForJob):
            return self._in_job(lambda job: self._await(job, error, sentence))
        self.log.write(sentence, "error")
        if isinstance(error, JobCancelled):
            return self._give_up("cancelled", sentence, detail)
        transient = getattr(error, "transient", False)
        if transient or isinstance(error, PASSING):
            wait = self._in_job(lambda job: self._try_again(job, sentence))
            if wait:
                return wait
        return self._give_up("failed", sentence, detail)

    def _explain(self, error):
        """Return the sentence and the detail that people read about ``error``.

        What nobody foresaw gets a number, under which the server's log has the rest: a
        traceback is not for everybody who may read the job.
        """
        if isinstance(error, ClouderError):
            return self.log.mask(str(error)), self.log.mask(error.detail or "")
        if isinstance(error, UserError):
            return self.log.mask(str(error)), ""
        trace = self.log.mask(
            "".join(traceback.format_exception(type(error), error, error.__traceback__))
        )
        number = secrets.token_hex(4)
        _logger.error("Error %s of job %s:\n%s", number, self.job_id, trace)
        said = str(error).partition("\n")[0]
        sentence = f"Unexpected error ({type(error).__name__}): {said}"
        detail = f"The server's log says more, under number {number}."
        return self.log.mask(sentence), detail

    @staticmethod
    def _try_again(job, sentence):
        """Put the job off; return the :class:`Wait`, or None after the last try."""
        if job.attempts >= job._max_attempts():
            return None
        return JobRun._wait(job, backoff(job.attempts), sentence, counted=True)

    @staticmethod
    def _await(job, error, sentence):
        if error.first:
            error.first(job)
        awaited = error.job.with_env(job.env) if error.job else job.awaited_job_id
        # One that another worker queued at this moment cannot be seen yet.
        return JobRun._wait(job, job._pause(awaited.exists()), sentence)

    @staticmethod
    def _wait(job, seconds, sentence, counted=False):
        job.write(
            {
                "state": "retrying",
                "error": sentence,
                "attempts": job.attempts if counted else job.attempts - 1,
                "next_try": fields.Datetime.add(fields.Datetime.now(), seconds=seconds),
            }
        )
        if counted:
            job._record()._job_retrying(job)
        job._notify()
        return Wait(seconds, sentence)

    def _give_up(self, state, sentence, detail):
        """End the job; when its record cannot be told, the job ends all the same."""

        def end(job, tell=True):
            if job.exists() and job.state not in ENDED_STATES:
                job._end(state, sentence, detail, tell)

        if self._undone:
            self._abort()
        try:
            self._in_job(end)
        except Exception as error:  # noqa: BLE001 the job must not stay active
            self.log.write(self._explain(error)[0], "error")
            self._in_job(lambda job: end(job, tell=False))

    def _abort(self):
        """Take away what a first deployment left half done; problems go to the log."""
        self.log.ending = True
        try:
            hooks = self._in_job(self._hooks_to_abort)
        except Exception as error:  # noqa: BLE001 the job must end
            self.log.write(self._explain(error)[0], "warning")
            return
        for hook, locks in hooks:
            try:
                self._call_hook(lambda env, hook=hook: (self._record(env), hook), locks)
            except Exception as error:  # noqa: BLE001 the next hook must run
                self.log.write(f"{hook}: {self._explain(error)[0]}", "warning")
                self._in_job(lambda job: job._record()._note_remains())

    @staticmethod
    def _hooks_to_abort(job):
        """Return the hooks that clean up, each with its locks."""
        record = job.exists() and job._record()
        if not record:
            return []
        return [(hook, Locks.of(record, hook)) for hook in record._abort_hooks(job)]

    def _record(self, env):
        return env["clouder.job"].browse(self.job_id)._record()
