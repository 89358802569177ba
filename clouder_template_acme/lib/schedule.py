"""When a certificate is asked for (again)."""

import datetime
import random

FIRST_PAUSE = datetime.timedelta(minutes=10)
LONGEST_PAUSE = datetime.timedelta(days=1)
SPREAD = 0.2


def pause(failures: int, spread: float | None = None) -> datetime.timedelta:
    """Return how long to wait after so many failures in a row; it doubles each time.

    :param spread: 0 to 1; without it a random one, so that not all come at once
    """
    if spread is None:
        spread = random.random()  # noqa: S311 spread, no secret
    doubled = FIRST_PAUSE * 2 ** min(max(failures, 1) - 1, 20)
    return min(doubled, LONGEST_PAUSE) * (1 + SPREAD * spread)


def renewal(
    start: datetime.datetime,
    end: datetime.datetime,
    days: int,
    spread: float | None = None,
) -> datetime.datetime:
    """Return when a certificate that is valid from ``start`` to ``end`` is renewed.

    ``days`` before its end, and never later than a third of its life before it; a little
    earlier by ``spread`` (0 to 1, random without), so that not all are due on one day.
    """
    if spread is None:
        spread = random.random()  # noqa: S311 spread, no secret
    before = max(datetime.timedelta(days=days), (end - start) / 3)
    early = (end - start) / 20 * spread
    # A short-lived one is not renewed as soon as it is there.
    return max(end - before - early, start + (end - start) / 2)
