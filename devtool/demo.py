"""The demonstration: an Odoo behind a proxy, with its name, its mail and a certificate.

PostgreSQL, Bind, a proxy, Postfix, a test authority (pebble) and Odoo are services like
any other; one base is linked to them.
"""

import urllib.parse
from typing import Any

from . import checks
from .console import Stop, say
from .rpc import Rpc
from .settings import Instance

LOCAL = "127.0.0.1"
LATER = {"clouder_no_deploy": True}
FREE_PORTS = (18000, 18999)
DNS_PORT, SMTP_PORT = 15353, 15025
AUTHORITY = "demo-pebble"
# In the order in which they need each other.
SERVICES = ("postgres", "bind", "proxy", "postfix", "pebble", "odoo")
SUBMISSION_PORT = 15587
ORDER_PAGE = "/instances"
# What visitors can order, all in the one service that there is, and how it is sold.
OFFERED = {
    "odoo": "An empty Odoo, for apps of your choice.",
    "odoo-crm": "Odoo with CRM and a website.",
}
# The authority cannot reach 127.0.0.1 of this machine, so names are proven by DNS.
OPTIONS = {
    "pebble": {"challenge": "dns-01"},
    "postfix": {"own_domain": "clouder.demo.localhost"},
}


def deploy(rpc: Rpc, engine_url: str, instance: Instance, relay: str) -> dict[str, str]:
    """Deploy what is missing of the demonstration and wait for it.

    :param engine_url: the Docker Engine to deploy to
    :param relay: where Postfix hands all mail to; empty: to whom it is for
    :return: `host` of the new Odoo, `login` and `password` of its administrator
    :raise Stop: a deployment failed; says which and why
    """
    environment = rpc.ensure(
        "clouder.environment", {"prefix": "demo"}, {"name": "demo", "partner_id": 1}
    )
    node = _node(rpc, engine_url)
    options = {**OPTIONS, "postfix": {**OPTIONS["postfix"], **_relayed(relay)}}
    place = {"environment_id": environment, "node_id": node}
    services = {
        code: _service(rpc, instance, place, code, options.get(code, {}))
        for code in SERVICES
    }
    domain = _domain(rpc, services["bind"])
    for code, summary in OFFERED.items():
        _offer(rpc, code, summary, services["odoo"], domain)
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
    read = ("fulldomain", "admin_name", "admin_password", "cert_cert", "cert_error")
    made = rpc.read("clouder.base", base, *read)
    if not made["cert_cert"]:
        raise Stop(
            f"Base {made['fulldomain']} has no certificate: {made['cert_error']}"
        )
    return {
        "host": made["fulldomain"],
        "login": made["admin_name"],
        "password": made["admin_password"],
    }


def renew(rpc: Rpc, host: str) -> None:
    """Have the authority issue a new certificate for the base `host`.

    :raise Stop: it did not
    """
    base = rpc.find("clouder.base", ("fulldomain", "=", host))
    ended = rpc.follow(
        rpc.call("clouder.base", "certify", [base]),
        lambda now: _show(f"Certificate of {host}", now),
    )
    if ended["state"] != "done":
        raise Stop(f"The certificate of {host} was not renewed: {ended['error']}")


def ports(instance: Instance) -> dict[str, dict[str, int]]:
    """Return the ports of this machine that services take: by code and port name."""
    return {
        "proxy": {"http": instance.proxy_http, "https": instance.proxy_https},
        "bind": {"dns": DNS_PORT, "dns-tcp": DNS_PORT},
        "postfix": {"smtp": SMTP_PORT, "submission": SUBMISSION_PORT},
    }


def _node(rpc: Rpc, engine_url: str) -> int:
    first, last = FREE_PORTS
    host = urllib.parse.urlsplit(engine_url).hostname
    values = {
        "engine_url": engine_url,
        "publish_ip": host or LOCAL,
        "public_ip": host or LOCAL,
        "start_port": first,
        "end_port": last,
    }
    return rpc.ensure("clouder.node", {"name": "local"}, values)


def _domain(rpc: Rpc, bind: int) -> int:
    domain = rpc.ensure(
        "clouder.domain", {"name": "demo.localhost"}, {"organisation": "Demo"}
    )
    if not rpc.read("clouder.domain", domain, "dns_id")["dns_id"]:
        rpc.call("clouder.domain", "write", [domain], {"dns_id": bind})
    return domain


def _application(rpc: Rpc, code: str) -> int:
    found = rpc.find("clouder.application", ("code", "=", code))
    if not found:
        raise Stop(
            f"There is no application `{code}`: is its template addon installed?"
        )
    return found


def _service(
    rpc: Rpc,
    instance: Instance,
    place: dict[str, int],
    code: str,
    options: dict[str, str],
) -> int:
    service = rpc.ensure(
        "clouder.service",
        {"environment_id": place["environment_id"], "suffix": code},
        {"application_id": _application(rpc, code), "node_id": place["node_id"]},
        context=LATER,
    )
    if code == "postfix":
        # Clouder's own mail goes through it, which no customer may steer.
        rpc.call("clouder.service", "write", [service], {"public": True})
    for name, value in options.items():
        _option(rpc, service, code, name, value)
    _publish(rpc, service, code, ports(instance).get(code, {}))
    _settle(rpc, "clouder.service", service, f"Service demo-{code}")
    return service


def _relayed(relay: str) -> dict[str, str]:
    return {"relay_host": relay, "relay_tls": "may"} if relay else {}


def _offer(rpc: Rpc, code: str, summary: str, service: int, domain: int) -> None:
    """Let visitors order bases of an application; what was changed by hand stays."""
    application = _application(rpc, code)
    if rpc.read("clouder.application", application, "web_published")["web_published"]:
        return
    rpc.call("clouder.domain", "write", [domain], {"public": True})
    values = {
        "web_published": True,
        "web_create_type": "base",
        "web_summary": summary,
        "web_domain_ids": [(6, 0, [domain])],
        "next_service_id": service,
    }
    rpc.call("clouder.application", "write", [application], values)


def _option(rpc: Rpc, service: int, kind: str, name: str, value: str) -> None:
    definition = rpc.find(
        "clouder.application.type.option",
        ("type_id.name", "=", kind),
        ("name", "=", name),
    )
    if not definition:
        raise Stop(f"The type {kind} has no option `{name}`.")
    keys = {"service_id": service, "name": definition}
    line = rpc.ensure("clouder.service.option", keys, {"value": value})
    if rpc.read("clouder.service.option", line, "value")["value"] != value:
        rpc.call("clouder.service.option", "write", [line], {"value": value})


def _publish(rpc: Rpc, service: int, code: str, wanted: dict[str, int]) -> None:
    for name, port in wanted.items():
        line = rpc.find(
            "clouder.service.port", ("service_id", "=", service), ("name", "=", name)
        )
        if not line:
            raise Stop(f"The service {code} has no port `{name}` to publish.")
        if rpc.read("clouder.service.port", line, "hostport")["hostport"] != port:
            checks.check_port(port, f"the {code}'s {name}")
            values = {"hostport": port, "expose": "internet"}
            rpc.call("clouder.service.port", "write", [line], values)


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
