"""The demonstration: PostgreSQL, Odoo and a proxy, and one Odoo instance behind them."""

import urllib.parse
from typing import Any

from . import checks
from .console import Stop, say
from .rpc import Rpc
from .settings import Instance

LOCAL = "127.0.0.1"
LATER = {"clouder_no_deploy": True}
FREE_PORTS = (18000, 18999)
SERVICES = ("postgres", "odoo", "proxy")


def deploy(rpc: Rpc, engine_url: str, instance: Instance) -> dict[str, str]:
    """Deploy what is missing of the demonstration and wait for it.

    :param engine_url: the Docker Engine to deploy to
    :return: `url` of the new Odoo, and `login` and `password` of its administrator
    :raise Stop: a deployment failed; says which and why
    """
    environment = rpc.ensure(
        "clouder.environment", {"prefix": "demo"}, {"name": "demo", "partner_id": 1}
    )
    node = _node(rpc, engine_url)
    domain = rpc.ensure(
        "clouder.domain", {"name": "demo.localhost"}, {"organisation": "Demo"}
    )
    services = {
        code: _service(rpc, instance, environment, node, code) for code in SERVICES
    }
    base = rpc.ensure(
        "clouder.base",
        {"name": "hello", "domain_id": domain},
        {
            "environment_id": environment,
            "application_id": _application(rpc, "odoo"),
            "service_id": services["odoo"],
            "title": "Hello",
            "admin_email": "admin@demo.localhost",
        },
        context=LATER,
    )
    _settle(rpc, "clouder.base", base, "Base hello.demo.localhost")
    admin = rpc.read("clouder.base", base, "admin_name", "admin_password")
    return {
        "url": f"http://hello.demo.localhost:{instance.proxy_http}",
        "login": admin["admin_name"],
        "password": admin["admin_password"],
    }


def _node(rpc: Rpc, engine_url: str) -> int:
    first, last = FREE_PORTS
    host = urllib.parse.urlsplit(engine_url).hostname
    values = {
        "engine_url": engine_url,
        "publish_ip": host or LOCAL,
        "start_port": first,
        "end_port": last,
    }
    return rpc.ensure("clouder.node", {"name": "local"}, values)


def _application(rpc: Rpc, code: str) -> int:
    found = rpc.find("clouder.application", ("code", "=", code))
    if not found:
        raise Stop(
            f"There is no application `{code}`: is its template addon installed?"
        )
    return found


def _service(
    rpc: Rpc, instance: Instance, environment: int, node: int, code: str
) -> int:
    service = rpc.ensure(
        "clouder.service",
        {"environment_id": environment, "suffix": code},
        {"application_id": _application(rpc, code), "node_id": node},
        context=LATER,
    )
    if code == "proxy":
        _publish(rpc, instance, service)
    _settle(rpc, "clouder.service", service, f"Service demo-{code}")
    return service


def _publish(rpc: Rpc, instance: Instance, service: int) -> None:
    wanted = {"http": instance.proxy_http, "https": instance.proxy_https}
    for name, port in wanted.items():
        line = rpc.find(
            "clouder.service.port", ("service_id", "=", service), ("name", "=", name)
        )
        if not line:
            raise Stop(f"The proxy has no port `{name}` to publish.")
        if rpc.read("clouder.service.port", line, "hostport")["hostport"] != port:
            checks.check_port(port, f"the proxy's {name}")
            rpc.call("clouder.service.port", "write", [line], {"hostport": port})


def _settle(rpc: Rpc, model: str, record: int, title: str) -> None:
    """See to it that a record runs.

    Deploying is asked for each time: it changes nothing where nothing is missing,
    and brings back what was removed by hand.
    """
    active = rpc.read(model, record, "active_job_id")["active_job_id"]
    if active:
        rpc.follow(active[0], lambda now: _show(title, now))
    ended = rpc.follow(
        rpc.call(model, "deploy", [record]), lambda now: _show(title, now)
    )
    if ended["state"] != "done":
        raise Stop(
            f"{title} {ended['state']}: {ended['error']}\n{ended['detail']}".rstrip()
        )


def _show(title: str, now: dict[str, Any]) -> None:
    say(f"  {title}: {now['progress']:3d} %  {now['step'] or now['state']}")
