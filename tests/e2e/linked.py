"""Links of each type that the installed templates have, and what they leave behind."""

import json
import xmlrpc.client

from clouder_lib.wait import wait_for

from . import hosted, names
from .conftest import deploy, service

# Kinds whose target has no container that could be stopped.
WITHOUT_CONTAINER = ()
# The application to deploy for an owner of a type.
OWNERS = {"odoo": "odoo", "bind-secondary": "bind-secondary"}
# An authority keeps nothing of who asked it; test_certificate.py shows these links.
ELSEWHERE = {
    ("base", "odoo", "acme"),
    ("base", "odoo", "pebble"),
    ("service", "pebble", "bind"),
}
# What there has to be, besides, for a base to be linked to.
TARGETS = ("postfix",)


def _role(link):
    argv = ["psql", "-X", "-At", "-d", "postgres", "-c", "SELECT rolname FROM pg_roles"]
    output = link.run(argv, user="postgres")
    return link.facts()["user"] in output.split()


def _route(link):
    return hosted.page(link.host) not in (404, 503)


def _name(link):
    return bool(names.NameServer(link.world.engine, names.SUFFIX).ask(link.host))


def _follower(link):
    return link.owner in link.run(["cat", "/var/lib/bind/peers"])


def _mail(link):
    return link.host in link.run(["cat", "/srv/mail/domains"]).split()


# (model of the owner, type of the owner, type of the target): what is left at the target.
TRACES = {
    ("service", "odoo", "postgres"): _role,
    ("base", "odoo", "proxy"): _route,
    ("base", "odoo", "bind"): _name,
    ("service", "bind-secondary", "bind"): _follower,
    ("base", "odoo", "postfix"): _mail,
}


class World:
    """A base and services of each type that has links, made when a test asks for them."""

    def __init__(self, infra, engine):
        self.infra, self.api, self.engine = infra, infra.api, engine
        names.deployed(infra, "bind", names.SUFFIX)
        for code in TARGETS:
            self._have(code)
        self.base = infra.running_base()
        self.owners = {}
        self.links = {}

    def _have(self, code):
        """Have a service of an application that not every base needs."""
        environment = self.infra.environment
        found = self.api.find(
            "clouder.service",
            ("environment_id", "=", environment),
            ("suffix", "=", code),
        ) or service(self.api, environment, self.infra.node, code)
        deploy(self.api, found)

    def link(self, kind):
        """Return the link of ``kind``, a key of :data:`TRACES`."""
        if kind not in self.links:
            model, owner_type, target_type = kind
            owners = [self.base]
            if model == "service":
                owners = self._services(owner_type)
            found = self.api.find(
                f"clouder.{model}.link",
                (f"{model}_id", "in", owners),
                (f"{model}_id.application_id.child_ids", "=", False)
                if model == "service"
                else ("id", "!=", 0),
                ("target.type_id.name", "=", target_type),
            )
            assert found, f"there is no link {kind}"
            self.links[kind] = Link(self, kind, found)
        return self.links[kind]

    def _services(self, owner_type):
        """Return a service that is there for nothing else, and its sub-services."""
        if owner_type not in self.owners:
            made = service(
                self.api,
                self.infra.environment,
                self.infra.node,
                OWNERS[owner_type],
                f"linked-{owner_type}",
            )
            names.unpublish(self.api, made)
            deploy(self.api, made)
            self.owners[owner_type] = made
        top = self.owners[owner_type]
        return self.api("clouder.service", "search", [("id", "child_of", top)])

    def close(self):
        """Purge what was made."""
        jobs = [self.api("clouder.base", "purge", [self.base])]
        jobs += [
            self.api("clouder.service", "purge", [owner], data=True)
            for owner in self.owners.values()
        ]
        for job in jobs:
            self.api.follow(job)

    def stop(self, link):
        """Stop the target's container as an accident would: Clouder is not told."""
        self.engine.containers.get(link.container).stop(timeout=5)

    def start(self, link):
        """Have the target brought back, as its operator does."""
        deploy(self.api, link.target)

    def look_after_links(self):
        """Do what is done every few minutes: fill in, withdraw, probe."""
        cron = self.api.find("ir.cron", ("cron_name", "ilike", "probe links"))

        def done():
            try:
                self.api("ir.cron", "method_direct_trigger", [cron])
            except xmlrpc.client.Fault as error:
                if "already executing" not in error.faultString:
                    raise
                return False, error.faultString
            return True, "done"

        wait_for("links to be looked at", done, 120)

    def linked_types(self):
        """Return the kinds of links that the installed applications can have."""
        kinds = set()
        for line in self._lines("clouder.application.link", []):
            for model in ("service", "base"):
                if line[model]:
                    kinds |= {
                        (model, owner, target)
                        for owner in self._owner_types(line)
                        for target in self._target_types(line)
                    }
        return kinds

    def _lines(self, model, domain):
        return self.api(model, "search_read", domain)

    def _owner_types(self, line):
        domain = [("link_ids", "in", [line["id"]])]
        if line["template_id"]:
            domain = [("template_ids", "in", [line["template_id"][0]])]
        return self._types(domain)

    def _target_types(self, line):
        if line["target_application_id"]:
            return self._types([("id", "=", line["target_application_id"][0])])
        tag = line["tag_id"][0]
        return self._types(
            ["|", ("tag_ids", "in", [tag]), ("type_id.tag_ids", "in", [tag])]
        )

    def _types(self, domain):
        found = self._lines("clouder.application", domain)
        kinds = {application["type_id"][1] for application in found}
        # Those that only tests install lead to types that are here anyway.
        return {kind for kind in kinds if not kind.startswith("test-")}


class Link:
    """One link, asked and steered over RPC, and looked for at its target."""

    def __init__(self, world, kind, record):
        self.world, self.api = world, world.api
        self.model, self.record, self.kind = f"clouder.{kind[0]}.link", record, kind
        values = self.api.read(self.model, record, "target", "required", "display_name")
        self.target = values["target"][0]
        self._title = values["display_name"]
        if values["required"]:
            # What is required cannot be withdrawn alone, and that is what is shown here.
            self.api(self.model, "write", [record], {"required": False})
        self.host = self.api.read("clouder.base", world.base, "fulldomain")
        self.owner = self._title.partition(" ")[0]
        self.container = self._container()

    def _container(self):
        found = self.api(
            "clouder.container",
            "search_read",
            [("service_id", "=", self.target)],
            fields=["name"],
            limit=1,
        )
        return found[0]["name"] if found else None

    def title(self):
        """Return what people read about this link."""
        return self._title

    def do(self, action):
        """Deploy, probe or withdraw the link and see that it went well."""
        job = self.api(self.model, action, [self.record])
        status = self.api.follow(job)
        assert status["state"] == "done", self.api.story(status)

    def state(self):
        """Return the state that the record says."""
        return self.api.read(self.model, self.record, "state")

    def facts(self):
        """Return what the target said."""
        return json.loads(self.api.read(self.model, self.record, "facts") or "{}")

    def traces(self):
        """Tell whether the target holds something of this link."""
        return TRACES[self.kind](self)

    def run(self, argv, user=""):
        """Run a command in the target's container; return its output."""
        result = self.world.engine.containers.get(self.container).exec_run(
            argv, user=user
        )
        assert result.exit_code == 0, result.output
        return result.output.decode()
