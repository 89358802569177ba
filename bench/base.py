"""From an order over XML-RPC to a base that answers, against bare SDK calls."""

import time

from .figures import median, ratio_lines, say, seconds, table
from .floor import Floor
from .timeline import Watcher
from .visitor import wait_answer

GOAL = 1.5


def measure(world, times):
    """Return the report: the whole path, and where the time goes."""
    order(world)  # the first one makes the template, and fills caches
    floor = Floor(world)
    ours, bare = [], []
    try:
        floor.drop(floor.base()[0])
        for number in range(times):
            ours.append(order(world))
            bare.append(by_hand(floor))
            say(f"base {number + 1}: {ours[-1]['whole']:.3f} {bare[-1]['whole']:.3f} s")
    finally:
        floor.close()
    forget(world)
    return [
        "## A base from its template to HTTP 200 through the proxy",
        "",
        "`create` over XML-RPC, the job to its end, the first 200 of `/web/login`.",
        "",
        *ratio_lines(column(ours, "whole"), column(bare, "whole"), GOAL),
        "",
        *parts("Clouder", ours),
        "",
        *parts("bare SDK", bare),
        "",
    ]


def column(rows, name):
    """Return what one part took each time."""
    return [row[name] for row in rows]


def parts(title, rows):
    """Return the table of the parts of what was measured (dicts with ``whole``)."""
    names = [name for name in rows[0] if name != "whole"]
    lines = [(name, seconds(median(column(rows, name)))) for name in names]
    return table((f"{title}: where the time goes", "median"), lines)


def order(world):
    """Order one base; return how long each part took, by name."""
    values = world.base_values()
    with Watcher("clouder.base") as watcher:
        begun = time.monotonic()
        base = world.api.create("clouder.base", values)
        created = time.monotonic()
        world.api.ended(world.api.last_job("clouder.base", base))
        told = time.monotonic()
        host = (
            f"{values['name']}.{world.api.read('clouder.domain', world.domain, 'name')}"
        )
        wait_answer(host, 200, world.proxy_port, path="/web/login")
        answered = time.monotonic()
    first, last, work = watcher.work()
    return {
        "whole": answered - begun,
        "RPC create": created - begun,
        "queue: commit to the first step": first - created,
        **work,
        "end of the last step until the script knows": told - last,
        "first page": answered - told,
    }


def newest(world):
    """Return the id of the base that was ordered last."""
    return world.sql("SELECT max(id) FROM clouder_base")[0][0]


def by_hand(floor):
    """Make one base by hand; return how long each part took, by name."""
    begun = time.monotonic()
    _host, moments = floor.base()
    lasted, before = {}, begun
    for name, moment in moments.items():
        lasted[name], before = moment - before, moment
    return {"whole": before - begun, **lasted}


def forget(world):
    """Purge the measured bases."""
    bases = world.api(
        "clouder.base",
        "search",
        [("environment_id", "=", world.environment), ("state", "=", "running")],
    )
    for job in [world.api("clouder.base", "purge", [base]) for base in bases]:
        world.api.ended(job)
    world.api("clouder.base", "unlink", bases)
