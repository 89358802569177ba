"""Wait for something that has a name."""

import threading
import time

from .api import Failed

PAUSE_S = 0.005


def wait_until(name, probe, deadline_s=60):
    """Look at ``probe()`` until it returns a true value; return that.

    :raise Failed: it never did; the message has ``name``
    """
    end = time.monotonic() + deadline_s
    pause = threading.Event()
    while not (result := probe()):
        if time.monotonic() > end:
            raise Failed(f"{name}: not within {deadline_s} s")
        pause.wait(PAUSE_S)
    return result
