"""Run parts of the tests, several beside each other."""

import queue
import threading
from collections.abc import Callable, Sequence

from . import console
from .console import Stop
from .results import Result

Part = Callable[[], list[Result]]


def run(parts: Sequence[Part], lanes: int = 1) -> list[Result]:
    """Run all parts; each lane takes the next one as soon as it is free.

    :param parts: in the order in which they begin; what takes longest should come first
    :param lanes: how many go on at the same time
    :return: the results in the order of the parts; one that could not go on has failed
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(parts)):
        waiting.put(number)
    results: dict[int, list[Result]] = {}

    def lane() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            results[number] = _run(parts[number])

    if lanes == 1:
        lane()
    else:
        with console.beside():
            _beside(lane, lanes)
    missing = [Result("set-up", 0, 1, "A part ended early: see above.")]
    return [one for n in range(len(parts)) for one in results.get(n, missing)]


def _run(part: Part) -> list[Result]:
    try:
        return part()
    except Stop as stop:
        return [Result("set-up", 0, 1, str(stop))]


def _beside(lane: Callable[[], None], lanes: int) -> None:
    # Daemons, so that an interrupted command does not wait for its tests.
    threads = [threading.Thread(target=lane, daemon=True) for _ in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
