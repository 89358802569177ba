"""How long a new host takes when the proxy serves many already."""

from . import base, rows
from .figures import median, say, seconds, table

SIZES = (1, 1_000, 10_000)


def measure(world, times):
    """Return the report: a base ordered beside 1, 1,000 and 10,000 others."""
    lines = []
    try:
        for size in SIZES:
            # Odoo keeps what it loaded for each base: each size begins with none.
            base.forget(world)
            world.container("odoo").restart()
            base.order(world)
            rows.have(world, base.newest(world), size - 1)
            base.order(world)  # carries the new routes
            taken = [base.order(world) for _ in range(times)]
            lines.append((f"{size:,}", *_medians(taken)))
            say(f"proxy with {lines[-1]}")
            rows.forget(world)
    finally:
        rows.forget(world)
        base.forget(world)
    return [
        "## A new host on a proxy that serves many",
        "",
        "The whole path of a base, as above, and its step that brings the route to the "
        "proxy, reload and proof included.",
        "",
        *table(("bases on the proxy", "publish", "whole path"), lines),
        "",
    ]


def _medians(taken):
    for name in ("step base_publish", "whole"):
        yield seconds(median([one[name] for one in taken]))
