"""The order form of the website: its pages, and from the click in the mail to the base."""

import functools
import itertools
import json
import time

from . import base, rows, shop
from .api import Failed
from .figures import median, p95, ratio_lines, say, seconds, table
from .floor import Floor
from .load import burst
from .stranger import Stranger
from .timeline import Watcher
from .visitor import wait_answer
from .waiting import wait_until

GOAL = 1.5
TOLD = "until the progress page says that it runs"
BASES = 50_000
CLIENTS = (1, 8)
REQUESTS = 100
# Each answer, and the one of Odoo's own that it stands beside.
BARE = {
    "Odoo: health page": None,
    "Odoo: login page": None,
    "the order form": "Odoo: login page",
    "Odoo: the website's currency": None,
    "is it free? a name that is": "Odoo: the website's currency",
    "is it free? a name that is taken": "Odoo: the website's currency",
}


def measure(world, times):
    """Return the report: from the click to the base, and the pages with many bases."""
    with shop.offered(world):
        clicks = _clicks(world, times)
        base.order(world)
        try:
            say(f"Filling in {BASES:,} bases")
            rows.have(world, base.newest(world), BASES - 1)
            answers = _answers(world, times)
        finally:
            rows.forget(world)
            base.forget(world)
    return [*_clicks_report(*clicks), *_answers_report(answers, times)]


def _clicks(world, times):
    """Return what each click took, and what each bare base took (lists of dicts)."""
    _click(world)  # the first one makes the template, and fills caches
    floor = Floor(world)
    ours, bare = [], []
    try:
        floor.drop(floor.base()[0])
        for number in range(times):
            ours.append(_click(world))
            bare.append(base.by_hand(floor))
            say(
                f"order {number + 1}: {ours[-1]['whole']:.3f} {bare[-1]['whole']:.3f} s"
            )
    finally:
        floor.close()
    return ours, bare


def _click(world):
    """Confirm an order; return how long each part took, by name.

    Nobody asks the proxy for the host before its route is on its way there.
    """
    stranger, host, path = shop.place(world)
    token = stranger.token(path)
    with Watcher("clouder.base") as watcher:
        begun = time.monotonic()
        progress = stranger.send(path, csrf_token=token)
        confirmed = time.monotonic()
        wait_until(f"{host} is on its way to the proxy", lambda: _published(watcher))
        wait_answer(host, 200, world.proxy_port, path="/web/login")
        answered = time.monotonic()
        wait_until(f"the order of {host} has an outcome", lambda: _ended(world))
        state = json.loads(stranger.open(f"{progress}/state"))["state"]
        told = time.monotonic()
    if state != "running":
        raise Failed(f"The order of {host} is {state}.")
    first, last, work = watcher.work()
    return {
        "whole": answered - begun,
        "the answer to the click": confirmed - begun,
        "queue: from there to the first step": first - confirmed,
        **work,
        "end of the last step until the progress page says so": told - last,
        TOLD: told - begun,
    }


def _published(watcher):
    return any(("base_publish", state) in watcher.seen for state in ("running", "done"))


def _ended(world):
    query = "SELECT state FROM clouder_order ORDER BY id DESC LIMIT 1"
    return world.sql(query)[0][0] in ("running", "failed", "cancelled")


def _clicks_report(ours, bare):
    told, floor = base.column(ours, TOLD), base.column(bare, "whole")
    return [
        "## From the click in the mail to HTTP 200 through the proxy",
        "",
        "A new customer each time: the click makes his account and his environment, too. "
        "From the `POST` of the confirmation page to the first 200 of `/web/login`.",
        "",
        *ratio_lines(base.column(ours, "whole"), floor, GOAL),
        "",
        f"{TOLD.capitalize()}: {seconds(median(told))} in the median, "
        f"{seconds(p95(told))} p95, {median(told) / median(floor):.2f} times the bare "
        "work. What comes after the route is part of that only.",
        "",
        *base.parts("Clouder", ours),
        "",
        *base.parts("bare SDK", bare),
        "",
    ]


def _answers(world, times):
    """Return (answers a second, list of durations) by name and number of clients.

    :raise Failed: a page or a name is not answered as it has to be
    """
    asks = _asks(world)
    for ask in asks.values():
        burst(ask, max(CLIENTS), REQUESTS)
    taken = {key: ([], []) for key in itertools.product(asks, CLIENTS)}
    for number in range(times):
        for (name, clients), (rates, durations) in taken.items():
            rate, lasted = burst(asks[name], clients, REQUESTS)
            rates.append(rate)
            durations += lasted
        say(
            f"pages {number + 1}: {', '.join(f'{r[-1]:.0f}' for r, _d in taken.values())}"
        )
    return taken


def _asks(world):
    """Return what strangers ask, by the names in BARE."""
    numbers = itertools.count(1)

    def opened(path):
        Stranger(world.api.url).open(path)

    def currency():
        Stranger(world.api.url).call("/website/get_current_currency")

    def checked(prefix, expected):
        name = f"{prefix}{next(numbers) % (BASES - 1) + 1}"
        state = shop.check(world, name)
        if state != expected:
            raise Failed(f"The name {name} is {state}, not {expected}.")

    asks = (
        functools.partial(opened, "/web/health"),
        functools.partial(opened, "/web/login"),
        functools.partial(opened, shop.PAGE),
        currency,
        functools.partial(checked, "free-", "free"),
        functools.partial(checked, rows.NAME, "taken"),
    )
    return dict(zip(BARE, asks, strict=True))


def _answers_report(answers, times):
    lines = []
    for (name, clients), (rates, durations) in answers.items():
        beside = answers.get((BARE[name], clients))
        ratio = beside and f"**{median(durations) / median(beside[1]):.2f}**"
        times_taken = seconds(median(durations)), seconds(p95(durations))
        lines.append((name, clients, f"{median(rates):.0f}", *times_taken, ratio or ""))
    head = ("", "clients", "answers a second", "p50", "p95", "p50 to Odoo's own")
    return [
        f"## The order form and its look for a free name, with {BASES:,} bases",
        "",
        "Each request comes from a stranger: without a cookie, and from an address of its "
        "own, so that the limits stay as they are delivered and still count. The form "
        "stands beside Odoo's own login page, which has the same frame and a form, too; "
        "the look beside the website's currency, read over JSON-RPC in the same way.",
        "",
        *table(head, lines),
        "",
        f"{times} times {REQUESTS} requests each, in turn.",
        "",
    ]
