"""Clouder over XML-RPC, kept alive."""

import functools
import time

from tests.clouder_rpc import ENDED, Rpc


class Failed(Exception):
    """What was to be measured did not work."""


class Api(Rpc):
    """A script's connection, kept alive."""

    @functools.cached_property
    def _kept(self):
        return super().objects()

    def objects(self):
        """Return the one connection."""
        return self._kept

    def ended(self, job, deadline_s=1800):
        """Wait for a job.

        :raise Failed: it did not do its work
        """
        end = time.monotonic() + deadline_s
        status = {"state": "unknown"}
        while status["state"] not in ENDED and time.monotonic() < end:
            status = self("clouder.job", "wait", [job], timeout=60)
        if status["state"] != "done":
            raise Failed(f"{status}\n{self('clouder.job', 'log', [job])[-10:]}")
