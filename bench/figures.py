"""Numbers and tables for people to read."""

import datetime
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

REPO = pathlib.Path(__file__).resolve().parents[1]


def clock(work):
    """Return how long ``work()`` took (seconds), and what it returned."""
    begun = time.monotonic()
    result = work()
    return time.monotonic() - begun, result


def median(values):
    """Return the median."""
    return statistics.median(values)


def p95(values):
    """Return the value that 95 of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


def seconds(value):
    """Return a duration as text."""
    return f"{value:.2f} s" if value >= 0.9995 else f"{value * 1000:.0f} ms"


def ratio_lines(ours, floor, goal):
    """Return the table that compares two lists of durations."""
    ratio = median(ours) / median(floor)
    rows = [
        ("Clouder", seconds(median(ours)), seconds(p95(ours)), f"**{ratio:.2f}**"),
        ("bare SDK", seconds(median(floor)), seconds(p95(floor)), "1"),
    ]
    note = f"{len(ours)} times each, in turn. Goal: at most {goal}."
    return [*table(("", "median", "p95", "ratio"), rows), "", note]


def table(head, rows):
    """Return the lines of a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def say(text):
    """Tell the person who waits what is going on."""
    print(text, file=sys.stderr, flush=True)


def circumstances():
    """Return the lines that say when, where and on what the figures were taken."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**3
    now = datetime.datetime.now(datetime.UTC)
    return [
        f"* {now:%Y-%m-%d %H:%M} UTC, commit {_commit()}",
        f"* {os.cpu_count()} cores ({_processor()}), {memory} GB, {platform.platform()}",
        f"* load average at the start: {' '.join(f'{n:.1f}' for n in os.getloadavg())}",
    ]


def _commit():
    def git(*words):
        return subprocess.run(
            ["git", "-C", str(REPO), *words],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "-uno") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed


def _processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
