"""How many calls to the bases run at once: a base that hangs takes only its own places."""

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .gateway import Unavailable

EACH_BASE = 3
# One container answers for many bases: when it hangs, all of them do.
EACH_CONTAINER = 16
IN_ALL = 64
# So long may a call wait for a place of a base that gets on with its work.
PATIENCE = 2.0


@dataclass(eq=False)
class Call:
    """One call that runs."""

    domain: str
    container: tuple
    since: float = field(default_factory=time.monotonic)


class Places:
    """Runs calls to bases in threads of its own; nobody waits for somebody else's base.

    :param seconds: after this time a call is given up; its place stays taken until it
        has really ended
    """

    def __init__(self, seconds):
        self.seconds = seconds
        self._calls = set()
        self._freed = asyncio.Event()
        self._threads = ThreadPoolExecutor(IN_ALL, "places")

    async def run(self, work, base, *args):
        """Return ``work(base, *args)``.

        :raise Unavailable: the base has no place free, or did not answer in time
        """
        await self._wait_place(base)
        call, loop = (
            Call(base.domain, (base.host, base.port)),
            asyncio.get_running_loop(),
        )
        self._calls.add(call)
        running = self._threads.submit(work, base, *args)
        running.add_done_callback(
            lambda _done: loop.call_soon_threadsafe(self._free, call)
        )
        try:
            return await asyncio.wait_for(asyncio.wrap_future(running), self.seconds)
        except TimeoutError as error:
            raise Unavailable("The instance does not answer") from error

    async def _wait_place(self, base):
        """Wait for a place, a moment at most, and not at all where nothing moves."""
        begun = time.monotonic()
        while crowd := self._crowd(base):
            last = min(begun, max(call.since for call in crowd))
            left = last + PATIENCE - time.monotonic()
            if left <= 0:
                raise Unavailable("The instance is busy")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._freed.wait(), left)

    def _crowd(self, base):
        """Return the calls that leave no place to another one, nothing when there is one."""
        own = [call for call in self._calls if call.domain == base.domain]
        beside = [
            call for call in self._calls if call.container == (base.host, base.port)
        ]
        for calls, places in (
            (own, EACH_BASE),
            (beside, EACH_CONTAINER),
            (self._calls, IN_ALL),
        ):
            if len(calls) >= places:
                return calls
        return ()

    def _free(self, call):
        self._calls.discard(call)
        self._freed.set()
        self._freed = asyncio.Event()
