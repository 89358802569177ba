"""The commands of `./dev`."""

import argparse
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from . import commands, settings
from .console import Stop, say

DESCRIPTION = """\
Set up, run and test Clouder on this machine.

Bare Debian with git and python3 is enough (as root); what is there already is used:
  CLOUDER_ODOO   an Odoo 19 of your own: its odoo-bin, folder, or the Python that imports it
  CLOUDER_PG     a PostgreSQL of your own: postgresql://user@host:port or "host=… user=…"
  DOCKER_HOST    a Docker Engine of your own: unix:///… or tcp://host:port
  CLOUDER_CACHE  downloads and the Python environment (default ~/.cache/clouder)
  CLOUDER_STATE  databases, passwords, logs (default /var/lib/clouder, or
                 ~/.local/share/clouder when not root)
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="./dev",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subs = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = subs.add_parser("up", help="set up everything, start Odoo, deploy the demo")
    up.add_argument("--no-demo", action="store_true", help="deploy nothing")
    test = subs.add_parser("test", help="run lint and all tests")
    test.add_argument("--fast", action="store_true", help="no engine, no browser")
    test.add_argument(
        "only",
        nargs="*",
        help="lint, unit, addons, a folder or file below tests/, or Odoo test tags "
        "such as /clouder:TestNames",
    )
    down = subs.add_parser("down", help="stop the servers; data and containers stay")
    down.add_argument("--engine", action="store_true", help="and an engine of ours")
    mail = subs.add_parser("mail", help="show the mail that the demonstration sent")
    mail.add_argument("number", nargs="?", type=int, default=3, help="how many (3)")
    logs = subs.add_parser("logs", help="follow a log")
    logs.add_argument("name", nargs="?", default="odoo", help="odoo, dockerd, apt …")
    logs.add_argument("--instance", default="demo", choices=settings.INSTANCES)
    for name, text in (("shell", "Odoo's Python shell"), ("psql", "the database")):
        sub = subs.add_parser(name, help=f"open {text}")
        sub.add_argument("--instance", default="demo", choices=settings.INSTANCES)
    subs.add_parser("bench", help="measure against the bare floor", add_help=False)
    subs.add_parser("lint", help="check format, style, types and house rules")
    server = subs.add_parser("server", help="steer an instance's Odoo server")
    server.add_argument("instance", choices=settings.INSTANCES)
    server.add_argument(
        "action", choices=("start", "stop", "kill", "restart", "status")
    )
    return top


def parse(argv: list[str]) -> argparse.Namespace:
    """Return the arguments of a command; those of `bench` are read by bench/ itself.

    :param argv: the words after `./dev`
    :raise SystemExit: they make no command; argparse has said why
    """
    args, rest = parser().parse_known_args(argv)
    if rest and args.command != "bench":
        parser().error(f"unrecognized arguments: {' '.join(rest)}")
    args.args = rest
    return args


@contextmanager
def _alone(chosen: settings.Settings) -> Iterator[None]:
    """Keep two set-ups from running at the same time.

    :raise Stop: another one runs
    """
    chosen.state.mkdir(parents=True, exist_ok=True)
    with (chosen.state / "lock").open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            raise Stop(f"Another ./dev runs (process {stream.read()}).") from error
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


def main(argv: list[str]) -> int:
    """Run one command and return its exit status.

    :param argv: the words after `./dev`
    """
    args = parse(argv)
    try:
        chosen = settings.load()
        if args.command in ("up", "test", "bench"):
            with _alone(chosen):
                return commands.COMMANDS[args.command](chosen, args)
        return commands.COMMANDS[args.command](chosen, args)
    except Stop as stop:
        say(f"\n./dev: {stop}")
    except PermissionError as error:
        say(f"\n./dev: {error.filename} belongs to another user: run as that user.")
    except KeyboardInterrupt:
        say("\n./dev: interrupted; run it again at any time.")
    return 1
