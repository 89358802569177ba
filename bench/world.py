"""The infrastructure that is measured: one PostgreSQL, one Odoo, one proxy."""

import dataclasses
import os
import secrets

import docker
import psycopg2

from .api import Api

PREFIX = os.environ.get("CLOUDER_BENCH_PREFIX", "bench")
DOMAIN = f"{PREFIX}.localhost"
PORTS = (21000, 21999)


@dataclasses.dataclass
class World:
    """The connections to all that is measured, and the ids of the shared records."""

    api: Api
    engine: docker.DockerClient
    database: "psycopg2.extensions.connection"
    environment: int
    node: int
    domain: int
    services: dict[str, int]
    # Options that new bases are given.
    base_options: dict[str, str] = dataclasses.field(default_factory=dict)
    # What did not come out as it has to, in sentences.
    unmet: list[str] = dataclasses.field(default_factory=list)

    @property
    def proxy_port(self):
        """Return the port on which the proxy answers."""
        return int(os.environ["CLOUDER_E2E_PROXY_HTTP"])

    def container(self, code):
        """Return the container of a shared service: ``postgres``, ``odoo``, ``proxy``."""
        suffix = "odoo-odoo-exec" if code == "odoo" else code
        return self.engine.containers.get(f"{PREFIX}-{suffix}")

    def sql(self, query, *values):
        """Run a query in the database of the control plane; return its rows."""
        with self.database.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def base_values(self, name=None):
        """Return the values of a base that is not there yet."""
        return {
            "name": name or f"b{secrets.token_hex(4)}",
            "title": "A measured base",
            "domain_id": self.domain,
            "environment_id": self.environment,
            "application_id": application(self.api, "odoo"),
            "service_id": self.services["odoo"],
            "admin_email": f"admin@{DOMAIN}",
            "option_ids": [
                (0, 0, {"name": self._option(option), "value": value})
                for option, value in self.base_options.items()
            ],
        }

    def _option(self, name):
        return self.api.find(
            "clouder.application.type.option",
            ("type_id.name", "=", "odoo"),
            ("name", "=", name),
        )


def connect():
    """Return a connection to the database of the control plane, without transactions."""
    connection = psycopg2.connect(dbname=os.environ["CLOUDER_E2E_DB"])
    connection.autocommit = True
    return connection


def application(api, code):
    """Return the id of an application."""
    return api.find("clouder.application", ("code", "=", code))


def open_world():
    """Return the infrastructure, deployed where it is not there yet."""
    api = Api()
    environment = _ensure(
        api,
        "clouder.environment",
        {"prefix": PREFIX},
        {"name": PREFIX, "partner_id": 1},
    )
    node = _ensure(
        api,
        "clouder.node",
        {"name": f"{PREFIX}-node"},
        {
            "engine_url": os.environ["CLOUDER_E2E_ENGINE"],
            "publish_ip": "127.0.0.1",
            "start_port": PORTS[0],
            "end_port": PORTS[1],
        },
    )
    domain = _ensure(api, "clouder.domain", {"name": DOMAIN}, {"organisation": PREFIX})
    services = {
        code: _service(api, environment, node, code)
        for code in ("postgres", "proxy", "odoo")
    }
    engine = docker.DockerClient(os.environ["CLOUDER_E2E_ENGINE"])
    return World(api, engine, connect(), environment, node, domain, services)


def _ensure(api, model, key, values):
    domain = [(name, "=", value) for name, value in key.items()]
    return api.find(model, *domain) or api.create(
        model, {**key, **values}, clouder_no_deploy=True
    )


def _service(api, environment, node, code):
    service = _ensure(
        api,
        "clouder.service",
        {"environment_id": environment, "suffix": code},
        {"application_id": application(api, code), "node_id": node},
    )
    if code == "proxy":
        _publish(api, service)
    api.ended(api("clouder.service", "deploy", [service]))
    return service


def _publish(api, service):
    for name in ("http", "https"):
        line = api.find(
            "clouder.service.port", ("service_id", "=", service), ("name", "=", name)
        )
        port = int(os.environ[f"CLOUDER_E2E_PROXY_{name.upper()}"])
        if api.read("clouder.service.port", line, "hostport") != port:
            api("clouder.service.port", "write", [line], {"hostport": port})
