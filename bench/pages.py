"""Lists and forms of bases: their queries and their time, with few and with many."""

from . import base, rows
from .figures import clock, median, say, seconds, table
from .web import Web, specification

SIZES = (100, 50_000)
WARM_UP = 2
PAGE = 80
COUNT_LIMIT = 10_001
MODEL = "clouder.base"


def measure(world, times):
    """Return the report: each page with 100 and with 50,000 bases."""
    base.order(world)
    model = base.newest(world)
    web = Web(world.api)
    taken = {}
    try:
        for size in SIZES:
            say(f"Filling in {size:,} bases")
            spent, _none = clock(lambda size=size: rows.have(world, model, size - 1))
            say(f"that took {spent:.0f} s")
            for name, (method, args, named) in _pages(world, web).items():
                taken[name, size] = _cost(web, times, method, args, named)
    finally:
        rows.forget(world)
        base.forget(world)
    return [
        "## Lists and forms of bases",
        "",
        "What the web client asks, over HTTP, as the administrator; goal: under 300 ms.",
        "",
        *_table(taken),
        "",
    ]


def _table(taken):
    head = ["page"]
    for size in SIZES:
        head += [f"queries, {size:,} bases", f"time, {size:,} bases"]
    names = dict.fromkeys(name for name, _size in taken)
    return table(head, [[name, *_cells(taken, name)] for name in names])


def _cells(taken, name):
    for size in SIZES:
        queries, times = taken[name, size]
        few, many = min(queries), max(queries)
        yield str(few) if few == many else f"{few}–{many}"
        yield seconds(median(times))


def _cost(web, times, method, args, named):
    for _ in range(WARM_UP):
        web.call(MODEL, method, *args, **named)
    measured = [web.cost(MODEL, method, *args, **named) for _ in range(times)]
    return [one[0] for one in measured], [one[1] for one in measured]


def _pages(world, web):
    """Return the calls that are measured, by what people do."""
    columns = specification(web, MODEL, "list")
    form = specification(web, MODEL, "form")
    listed = {"specification": columns, "limit": PAGE, "count_limit": COUNT_LIMIT}
    some = world.sql(
        f"SELECT id FROM clouder_base WHERE name LIKE '{rows.NAME}%%' ORDER BY id LIMIT 1"
    )[0][0]
    far = world.sql("SELECT count(*) FROM clouder_base")[0][0] // 2
    mine = [["environment_id", "=", world.environment], ["state", "=", "running"]]
    grouped = {"domain": [], "groupby": ["state"], "aggregates": ["__count"]}
    return {
        "list, first page": ("web_search_read", [], {**listed, "domain": []}),
        "list, a page in the middle": (
            "web_search_read", [], {**listed, "domain": [], "offset": far},
        ),
        "list, filtered": ("web_search_read", [], {**listed, "domain": mine}),
        "list, searched by name": (
            "web_search_read", [], {**listed, "domain": [["fulldomain", "ilike", "bulk-77"]]},
        ),
        "grouped by state": ("web_read_group", [], grouped),
        "form": ("web_read", [[some]], {"specification": form}),
        "choosing one by name": ("name_search", [], {"name": "bulk-77", "limit": 8}),
    }  # fmt: skip
