"""One real infrastructure for all end-to-end tests: PostgreSQL, Odoo and a proxy.

They run against a Clouder server that is up, and a real Docker Engine. The command
``./dev test`` starts both and says where they are in the environment.
"""

import dataclasses
import os
import secrets
import shlex
import socket
import subprocess
import urllib.parse

import docker
import pytest
from clouder_lib.wait import wait_for

from .client import PREFIX, Api

DOMAIN = "e2e.localhost"
# What bases can do without: a module that is about it says so in SUGGESTED.
OPTIONAL = ("dns", "mail", "certificate")


# New program files update all bases of a service: this comes while there are few.
FIRST = "test_update.py"


def pytest_collection_modifyitems(items):
    """Have the tests begin that cost more the more bases there are."""
    items.sort(key=lambda item: item.path.name != FIRST)


@dataclasses.dataclass
class Infra:
    """The ids of the shared records, and a way to order bases."""

    api: Api
    environment: int
    node: int
    domain: int
    postgres: int
    odoo: int
    proxy: int

    def base_values(self, name=None, **values):
        """Return the values of a base that is not there yet."""
        return {
            "name": name or f"base-{secrets.token_hex(4)}",
            "title": "A tested base",
            "domain_id": self.domain,
            "environment_id": self.environment,
            "application_id": self.api.find(
                "clouder.application", ("code", "=", "odoo")
            ),
            "service_id": self.odoo,
            "admin_email": "admin@e2e.example",
            **values,
        }

    def base_option(self, name, value):
        """Return the command that gives a new base an option of its own."""
        type_id = self.api.read("clouder.service", self.odoo, "type_id")[0]
        definition = self.api.find(
            "clouder.application.type.option",
            ("type_id", "=", type_id),
            ("name", "=", name),
        )
        return (0, 0, {"name": definition, "value": value})

    def create_base(self, name=None, **values):
        """Create a base, which queues its deployment; return its id."""
        return self.api.create("clouder.base", self.base_values(name, **values))

    def running_base(self, name=None, **values):
        """Create a base and wait until it runs; return its id."""
        base = self.create_base(name, **values)
        self.api.settle("clouder.base", base)
        assert self.api.read("clouder.base", base, "state") == "running"
        return base


class Server:
    """The Clouder server: killed, stopped and started like by its operator."""

    def _control(self, verb):
        command = shlex.split(os.environ["CLOUDER_E2E_SERVER_CTL"])
        subprocess.run([*command, verb], check=True, timeout=180)

    def try_start(self):
        """Start it, whether or not it stays up."""
        command = shlex.split(os.environ["CLOUDER_E2E_SERVER_CTL"])
        subprocess.run([*command, "start"], check=False, timeout=300)

    def kill(self):
        """Kill it, as a power cut would."""
        self._control("kill")

    def wait_dead(self, deadline_s=300):
        """Wait until it no longer answers."""
        url = urllib.parse.urlsplit(os.environ["CLOUDER_E2E_URL"])

        def look():
            try:
                socket.create_connection((url.hostname, url.port), 1).close()
            except OSError as error:
                return True, str(error)
            return False, "it answers"

        wait_for("the server to be dead", look, deadline_s)

    def start(self):
        """Start it and wait until it answers."""
        self._control("start")


@pytest.fixture(scope="session")
def server():
    return Server()


@pytest.fixture(scope="session")
def shell():
    """Return a function that runs a script in Odoo's shell and returns what it printed."""

    def run(script):
        done = subprocess.run(
            shlex.split(os.environ["CLOUDER_E2E_SHELL"]),
            input=script,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    return run


@pytest.fixture(scope="session")
def engine():
    """Return the Docker Engine, looked at with Docker's own SDK."""
    client = docker.DockerClient(os.environ["CLOUDER_E2E_ENGINE"])
    yield client
    client.close()


@pytest.fixture(scope="session")
def api():
    return Api()


@pytest.fixture(scope="module", autouse=True)
def suggested(request, api):
    """Have new bases linked to what the module is about, and to nothing else optional.

    So a module does not depend on the servers that another one deployed.
    """
    wanted = getattr(request.module, "SUGGESTED", ())
    for tag in OPTIONAL:
        lines = api(
            "clouder.application.link",
            "search",
            [("tag_id.code", "=", tag), ("base", "=", True)],
        )
        api("clouder.application.link", "write", lines, {"auto": tag in wanted})


def service(api, environment, node, code, suffix=None, **values):
    """Create a service in draft; return its id."""
    return api.create(
        "clouder.service",
        {
            "environment_id": environment,
            "node_id": node,
            "application_id": api.find("clouder.application", ("code", "=", code)),
            "suffix": suffix or code,
            **values,
        },
        clouder_no_deploy=True,
    )


def deploy(api, record):
    """Deploy a service and wait until it runs."""
    job = api("clouder.service", "deploy", [record])
    status = api.follow(job, deadline_s=1500)
    assert status["state"] == "done", api.story(status)
    return job


def known_infra(api, environment):
    """Return what an earlier run against the same server left."""
    made = {
        code: api.find(
            "clouder.service",
            ("environment_id", "=", environment),
            ("suffix", "=", code),
        )
        for code in ("postgres", "proxy", "odoo")
    }
    node = api.read("clouder.service", made["proxy"], "node_id")[0]
    domain = api.find("clouder.domain", ("name", "=", DOMAIN))
    return Infra(api, environment, node, domain, **made)


@pytest.fixture(scope="session")
def infra(api):
    if environment := api.find("clouder.environment", ("prefix", "=", PREFIX)):
        return known_infra(api, environment)
    partner = api.create("res.partner", {"name": "End to end"})
    environment = api.create(
        "clouder.environment", {"name": "e2e", "prefix": PREFIX, "partner_id": partner}
    )
    node = api.create(
        "clouder.node",
        {
            "name": "e2e-node",
            "engine_url": os.environ["CLOUDER_E2E_ENGINE"],
            "publish_ip": "127.0.0.1",
            "start_port": 19000,
            "end_port": 19999,
        },
    )
    domain = api.create("clouder.domain", {"name": DOMAIN, "organisation": "E2E"})
    made = {}
    for code in ("postgres", "proxy", "odoo"):
        made[code] = service(api, environment, node, code)
        if code == "proxy":
            for name, variable in (("http", "HTTP"), ("https", "HTTPS")):
                line = api.find(
                    "clouder.service.port",
                    ("service_id", "=", made[code]),
                    ("name", "=", name),
                )
                port = int(os.environ[f"CLOUDER_E2E_PROXY_{variable}"])
                api("clouder.service.port", "write", [line], {"hostport": port})
        deploy(api, made[code])
    return Infra(api, environment, node, domain, **made)
