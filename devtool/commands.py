"""What each command does, made of the modules beside this one."""

import argparse
import os
import sys
from collections.abc import Callable

from . import (
    authority,
    database,
    demo,
    engine,
    instances,
    lint,
    machine,
    mailbox,
    odoo_conf,
    postgres,
    served,
    server,
    testing,
    venv,
)
from .console import Stop, say, step
from .engine_api import Engine
from .proc import CommandFailed, run
from .results import show_failures
from .rpc import Rpc
from .settings import INSTANCES, REPO, Instance, Settings

# What Python says of a certificate that another authority signed.
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"


def up(settings: Settings, args: argparse.Namespace) -> int:
    """Set up everything, start the demo instance and deploy its demonstration."""
    say("Clouder: setting up")
    instance = INSTANCES["demo"]
    ready = machine.ensure(settings)
    password = instances.up(ready, instance)
    url = f"http://127.0.0.1:{instance.http_port}"
    base = None
    if not args.no_demo:
        say("Demonstration")
        rpc = Rpc(url, instance.database, "admin", password)
        relay = mailbox.ensure(settings, Engine(settings.engine))
        base = demo.deploy(rpc, settings.engine, instance, relay)
        base |= _visited(settings, instance, rpc, base)
        base["order"] = f"{url}{demo.ORDER_PAGE}"
    say("\n" + "\n".join(outcome(url, password, base)))
    return 0


def outcome(url: str, password: str, base: dict[str, str] | None) -> list[str]:
    """Return the last lines of `./dev up`: where everything is, and how to get in.

    :param base: of the instance, if there is one: ``url``, ``secure_url``, the file with
        its ``authority``, ``login`` and ``password``; and where to ``order`` another
    """
    lines = [f"Clouder backend     {url}", f"  login admin       password {password}"]
    if base:
        lines += [
            f"Your first Odoo     {base['url']}",
            f"  login {base['login']:11} password {base['password']}",
            f"  over HTTPS        {base['secure_url']}",
            f"  its authority     {base['authority']}",
            f"Order another one   {base['order']}",
            "  its mails         ./dev mail",
        ]
    return lines


def _visited(
    settings: Settings, instance: Instance, rpc: Rpc, base: dict[str, str]
) -> dict[str, str]:
    """Open the instance as the world does: by its name server, over HTTPS.

    Who signs is asked of the authority itself, not of Odoo.

    :return: ``url``, ``secure_url`` and ``authority``, for :func:`outcome`
    :raise Stop: it is not reached so
    """
    file = settings.home(instance) / "authority.pem"
    file.write_text(authority.root(Engine(settings.engine), demo.AUTHORITY))
    words = [base["host"], str(demo.DNS_PORT), str(instance.proxy_https)]
    argv = [str(settings.tools_python), "-m", "devtool.visit", *words, str(file)]

    def visit() -> str:
        return run(argv, log=settings.log("visit"), cwd=REPO).strip()

    with step("By name, over HTTPS") as now:
        try:
            now.note = visit()
        except CommandFailed as failure:
            if UNTRUSTED not in failure.output:
                raise
            # The authority was started anew, and signs with another root since.
            demo.renew(rpc, base["host"])
            now.note = visit()
    return {
        "url": f"http://{base['host']}:{instance.proxy_http}",
        "secure_url": f"https://{base['host']}:{instance.proxy_https}",
        "authority": str(file),
    }


def test(settings: Settings, args: argparse.Namespace) -> int:
    """Run lint and the tests; the last line is `N passed, N failed`."""
    return testing.run_all(settings, fast=args.fast, only=args.only)


def down(settings: Settings, args: argparse.Namespace) -> int:
    """Stop the Odoo servers and our PostgreSQL, and on demand our engine."""
    for instance in INSTANCES.values():
        if server.pid(settings, instance):
            with step(f"Odoo server ({instance.name})") as now:
                now.note = server.stop(settings, instance)
    with step("Mailbox of the demonstration") as now:
        now.note = mailbox.stop(settings)
    with step("PostgreSQL") as now:
        now.note = postgres.stop(settings)
    if args.engine:
        with step("Docker Engine") as now:
            now.note = engine.stop(settings)
    return 0


def mail(settings: Settings, args: argparse.Namespace) -> int:
    """Show the newest messages that the demonstration sent."""
    found = mailbox.messages(settings)[-args.number :]
    say(f"\n{'-' * 72}\n".join(map(mailbox.shown, found)) or "No mail was sent yet.")
    return 0


def logs(settings: Settings, args: argparse.Namespace) -> int:
    """Follow a log of an instance or of a set-up step."""
    own = settings.home(INSTANCES[args.instance]) / f"{args.name}.log"
    file = own if own.exists() else settings.log(args.name)
    if not file.exists():
        there = sorted(p.stem for p in settings.logs.glob("*.log"))
        raise Stop(
            f"There is no log `{args.name}`; there are: odoo, {', '.join(there)}."
        )
    return _become(["tail", "-n", "100", "-F", str(file)])


def shell(settings: Settings, args: argparse.Namespace) -> int:
    """Open Odoo's shell on an instance."""
    ready, instance = _ready(settings, args.instance)
    conf = odoo_conf.path(settings, instance)
    python = str(venv.odoo_python(settings, ready.odoo))
    words = ["-c", str(conf), "-d", instance.database, "--no-http"]
    return _become([python, "-m", "odoo", "shell", *words])


def psql(settings: Settings, args: argparse.Namespace) -> int:
    """Open psql on an instance's database."""
    ready, instance = _ready(settings, args.instance)
    os.environ.update(ready.postgres.environ())
    return _become(["psql", "-d", instance.database])


def bench(settings: Settings, args: argparse.Namespace) -> int:
    """Run the benchmarks against an instance of their own."""
    script = REPO / "bench" / "run.py"
    if not script.exists():
        raise Stop("There is no bench/run.py in this checkout.")
    instance = INSTANCES["bench"]
    ready = machine.ensure(settings)
    served.clear_engine(ready, instance)
    password = instances.up(ready, instance, fresh=True)
    os.environ.update(served.environment(ready, instance, password))
    return _become([str(settings.tools_python), str(script), *args.args])


def run_lint(settings: Settings, args: argparse.Namespace) -> int:
    """Check format, style, types and house rules."""
    machine.ensure_tools(settings)
    results = lint.run_all(settings)
    show_failures(results)
    return 1 if any(result.failed for result in results) else 0


def steer_server(settings: Settings, args: argparse.Namespace) -> int:
    """Start, stop, kill or restart an instance's server, or say whether it runs."""
    instance = INSTANCES[args.instance]
    if args.action == "status":
        number = server.pid(settings, instance)
        say(f"running as process {number}" if number else "not running")
        return 0 if number else 3
    if args.action in ("stop", "kill", "restart"):
        say(server.stop(settings, instance, hard=args.action == "kill"))
    if args.action in ("start", "restart"):
        ready, _instance = _ready(settings, args.instance)
        say(server.start(ready, instance))
    return 0


def _ready(settings: Settings, name: str) -> tuple[machine.Machine, Instance]:
    instance = INSTANCES[name]
    ready = machine.ensure(settings, docker=False)
    if not database.exists(ready, instance):
        raise Stop(f"The instance {name} has no database yet: ./dev up makes it.")
    return ready, instance


def _become(argv: list[str]) -> int:
    """Replace this process, so that signals and the terminal go to the program.

    :raise Stop: it is not on this machine
    """
    sys.stdout.flush()
    try:
        os.execvp(argv[0], argv)
    except FileNotFoundError as error:
        raise Stop(f"The program {argv[0]} is not on this machine.") from error


COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "up": up,
    "test": test,
    "down": down,
    "mail": mail,
    "logs": logs,
    "shell": shell,
    "psql": psql,
    "bench": bench,
    "lint": run_lint,
    "server": steer_server,
}
