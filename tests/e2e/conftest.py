"""One real infrastructure for all end-to-end tests: PostgreSQL, Odoo and a proxy.

They run against a Clouder server that is up, and a real Docker Engine. The command
``./dev test`` starts both and says where they are in the environment.

What keeps them short on a machine with two cores:

* Services that do not need each other's end are deployed together (:func:`deploy`).
* A template of a kind of its own (other modules, another language) takes Odoo half a
  minute of one core. A module that needs such bases names them in ``AHEAD``: name to a
  function that returns the values. They are ordered when the first module of ``BESIDE``
  begins, and made while those tests mostly wait. Modules of ``BESIDE`` neither kill the
  server nor count what is on the engine; before any other module begins, all that was
  ordered ahead is there. ``running_base`` with the name gives the base that was ordered.
* ``FIRST`` comes before that: new program files make all templates anew.
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
# Of the node; another one lets two servers share an engine.
FIRST_PORT = int(os.environ.get("CLOUDER_E2E_FIRST_PORT", "19000"))
# What bases can do without: a module that is about it says so in SUGGESTED.
OPTIONAL = ("dns", "mail", "certificate")


# New program files update all bases of a service: this comes while there are few.
FIRST = "test_update.py"
BESIDE = ("test_bind.py", "test_certificate.py")
ORDER = (FIRST, *BESIDE)
BEFORE_ODOO = ("postgres", "proxy")


def pytest_collection_modifyitems(items):
    """Have the tests begin that cost more the more bases there are, then those beside."""

    def place(item):
        name = item.path.name
        return ORDER.index(name) if name in ORDER else len(ORDER)

    items.sort(key=place)


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
    # Bases that were ordered before a test asked for them, by name.
    ahead: dict = dataclasses.field(default_factory=dict)

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
        base = self.ahead.pop(name, None) or self.create_base(name, **values)
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
def ahead(request, api):
    """Order what later modules need while this one mostly waits, or see that it is there."""
    later = [item.module for item in request.session.items]
    wanted = {
        name: values
        for module in dict.fromkeys(later)
        for name, values in getattr(module, "AHEAD", {}).items()
    }
    if not wanted or {module.__name__ for module in later} == {request.module.__name__}:
        return
    infra = request.getfixturevalue("infra")
    if request.path.name in BESIDE and not infra.ahead:
        suggest(api, ())
        for name, values in wanted.items():
            infra.ahead[name] = infra.create_base(name, **values(infra))
    if request.path.name not in BESIDE:
        for base in infra.ahead.values():
            api.settle("clouder.base", base)


@pytest.fixture(scope="module", autouse=True)
def suggested(request, api, ahead):
    """Have new bases linked to what the module is about, and to nothing else optional.

    So a module does not depend on the servers that another one deployed.
    """
    suggest(api, getattr(request.module, "SUGGESTED", ()))


def suggest(api, wanted):
    """Have the applications suggest links to these tags to new bases, and no others."""
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


def deploy(api, *records):
    """Deploy services, all together, and wait until they run."""
    jobs = [api("clouder.service", "deploy", [record]) for record in records]
    for job in jobs:
        status = api.follow(job, deadline_s=1500)
        assert status["state"] == "done", api.story(status)


def known_infra(api, environment):
    """Return what an earlier run against the same server left."""
    made = {
        code: api.find(
            "clouder.service",
            ("environment_id", "=", environment),
            ("suffix", "=", code),
        )
        for code in (*BEFORE_ODOO, "odoo")
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
            "start_port": FIRST_PORT,
            "end_port": FIRST_PORT + 999,
        },
    )
    domain = api.create("clouder.domain", {"name": DOMAIN, "organisation": "E2E"})
    made = {code: service(api, environment, node, code) for code in BEFORE_ODOO}
    for name, variable in (("http", "HTTP"), ("https", "HTTPS")):
        line = api.find(
            "clouder.service.port",
            ("service_id", "=", made["proxy"]),
            ("name", "=", name),
        )
        port = int(os.environ[f"CLOUDER_E2E_PROXY_{variable}"])
        api("clouder.service.port", "write", [line], {"hostport": port})
    deploy(api, *made.values())
    # It is linked to a PostgreSQL that runs.
    made["odoo"] = service(api, environment, node, "odoo")
    deploy(api, made["odoo"])
    return Infra(api, environment, node, domain, **made)
