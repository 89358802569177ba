"""Run the benchmarks and print their figures: ``./dev bench [part …] [--save]``."""

import argparse
import pathlib
import sys

# In the place of this folder, whose modules must not hide those of packages.
sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])

from bench import (  # noqa: E402
    base,
    dns,
    figures,
    many,
    order,
    pages,
    proxy,
    service,
    world,
)
from bench.api import Failed  # noqa: E402

PARTS = {
    "base": base.measure,
    "service": service.measure,
    "proxy": proxy.measure,
    "dns": dns.measure,
    "pages": pages.measure,
    "order": order.measure,
    # Last: from then on, bases have more links.
    "many": many.measure,
}
RESULTS = pathlib.Path(__file__).with_name("RESULTS.md")
MARK = "<!-- Below: written by ./dev bench --save -->"


def main():
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="part")
    parser.add_argument("--times", type=int, default=9, help="how often (9)")
    parser.add_argument("--save", action="store_true", help="write bench/RESULTS.md")
    args = parser.parse_args()
    lines = [*figures.circumstances(), ""]
    figures.say("Preparing the infrastructure")
    there = world.open_world()
    for name in args.parts or PARTS:
        figures.say(f"Measuring: {name}")
        try:
            lines += PARTS[name](there, args.times)
        except Failed as error:
            there.unmet.append(f"{name} is not measured: {error}")
    text = "\n".join(lines)
    print(text)
    if args.save:
        save(text)
    for sentence in there.unmet:
        figures.say(sentence)
    if there.unmet:
        sys.exit(1)


def save(text):
    """Put the figures into the file that keeps them."""
    head = RESULTS.read_text().partition(MARK)[0]
    RESULTS.write_text(f"{head}{MARK}\n\n{text.rstrip()}\n")


if __name__ == "__main__":
    main()
