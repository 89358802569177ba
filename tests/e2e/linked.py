"""Links of each type that the installed templates have, and those who have them."""

import contextlib
import json
import xmlrpc.client

from clouder_lib.wait import wait_for

from . import names
from .certified import own_pair
from .client import PREFIX
from .conftest import deploy, service
from .traces import FILES, LIKE, TRACES

# The application to deploy for an owner of a type.
OWNERS = {"odoo": "odoo", "bind-secondary": "bind-secondary", "pebble": "pebble"}
# Owners in an environment of their own: a direct link joins the target to its network.
APART = ("odoo", "pebble")
APART_PREFIX = f"{PREFIX}l"
# What there has to be, besides, for a base to be linked to.
TARGETS = ("postfix", "acme")
AUTHORITIES = ("acme", "pebble")
# Crons that look after links, in the order in which a link needs them.
TASKS = ("withdraw", "fill", "probe")
MINUTES = "clouder.link_minutes"


class World:
    """A base and services of each type that has links, made when a test asks for them."""

    def __init__(self, infra, engine):
        self.infra, self.api, self.engine = infra, infra.api, engine
        self.bind = names.deployed(infra, "bind", names.SUFFIX)
        self._publish(True)
        self.apart = self._have_apart()
        self.made = {code: self._have(code) for code in TARGETS}
        self.base = infra.running_base()
        self._certify()
        self.owners = {}
        self.links = {}

    def _publish(self, public):
        """Let the owners in another environment find their targets, or no longer."""
        targets = [self.infra.postgres, self.bind]
        self.api("clouder.service", "write", targets, {"public": public})

    def _have_apart(self):
        values = {"name": "linked", "prefix": APART_PREFIX}
        found = self.api.find("clouder.environment", ("prefix", "=", APART_PREFIX))
        return found or self.api.create("clouder.environment", values)

    def _have(self, code):
        """Have a service of an application that not every base needs."""
        environment = self.infra.environment
        found = self.api.find(
            "clouder.service",
            ("environment_id", "=", environment),
            ("suffix", "=", code),
        ) or service(self.api, environment, self.infra.node, code)
        deploy(self.api, found)
        return found

    def _certify(self):
        """Give the base a certificate, so that no authority is really asked for one."""
        host = self.api.read("clouder.base", self.base, "fulldomain")
        certificate, key = own_pair(host)
        values = {"cert_cert": certificate, "cert_key": key}
        self.api("clouder.base", "write", [self.base], values)
        names.ended(self.api, self.api("clouder.base", "deploy", [self.base]))

    def link(self, kind):
        """Return the link of ``kind``, a key of :data:`~.traces.TRACES`."""
        if kind[2] in AUTHORITIES and kind[0] == "base":
            return Link(self, kind, self._authority_line(kind[2]))
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

    def _authority_line(self, code):
        """Point the base's one link to an authority to that of type ``code``."""
        tag = self.api.find("clouder.application.tag", ("code", "=", "certificate"))
        target = self.made.get(code) or self._services(code)[0]
        where = [("base_id", "=", self.base), ("tag_id", "=", tag)]
        line = self.api.find("clouder.base.link", *where)
        if not line:
            values = {"base_id": self.base, "tag_id": tag, "target": target}
            return self.api.create("clouder.base.link", values)
        known = self.api.read("clouder.base.link", line, "target")
        if known and known[0] != target:
            job = self.api("clouder.base.link", "withdraw", [line])
            names.ended(self.api, job)
        self.api("clouder.base.link", "write", [line], {"target": target})
        return line

    def _services(self, owner_type):
        """Return a service that is there for nothing else, and its sub-services."""
        if owner_type not in self.owners:
            apart = owner_type in APART
            made = service(
                self.api,
                self.apart if apart else self.infra.environment,
                self.infra.node,
                OWNERS[owner_type],
                f"linked-{owner_type}",
            )
            self.owners[owner_type] = made
            names.unpublish(self.api, made)
            deploy(self.api, made)
        top = self.owners[owner_type]
        return self.api("clouder.service", "search", [("id", "child_of", top)])

    def close(self):
        """Purge what was made."""
        jobs = [self.api("clouder.base", "purge", [self.base])]
        self.api.follow(jobs[0])
        jobs = [
            self.api("clouder.service", "purge", [owner], data=True)
            for owner in (*self.owners.values(), self.made["acme"])
        ]
        for job in jobs:
            self.api.follow(job)
        self._publish(False)

    def stop(self, link):
        """Stop the target's container as an accident would: Clouder is not told."""
        self.engine.containers.get(link.container).stop(timeout=5)

    def lose(self, link):
        """Remove the target's container by hand; its named volumes stay."""
        self.engine.containers.get(link.container).remove(force=True, v=True)

    @contextlib.contextmanager
    def frozen(self, link):
        """Have the target take connections and answer none, inside the block."""
        container = self.engine.containers.get(link.container)
        container.pause()
        try:
            yield
        finally:
            container.unpause()

    def start(self, link):
        """Have the target brought back, as its operator does."""
        deploy(self.api, link.target)

    def look_after_links(self):
        """Do what is done every few minutes, whenever a link was looked at last."""
        self.api("ir.config_parameter", "set_param", MINUTES, "0")
        try:
            for task in TASKS:
                self._run_cron(f"clouder_link_cron_{task}")
        finally:
            self.api("ir.config_parameter", "set_param", MINUTES, False)

    def await_state(self, link, state):
        """Wait until the crons have brought a link to a state."""

        def look():
            self.look_after_links()
            return link.state() == state, link.state()

        wait_for(f"{link.title()} to be {state}", look, 120)

    def _run_cron(self, name):
        [found] = self.api(
            "ir.model.data", "search_read", [("name", "=", name)], fields=["res_id"]
        )

        def done():
            try:
                seen = self.api("ir.cron", "method_direct_trigger", [found["res_id"]])
            except xmlrpc.client.Fault as error:
                if "already executing" not in error.faultString:
                    raise
                return False, error.faultString
            return seen is True, str(seen)

        wait_for("links to be looked at", done, 120)

    def linked_types(self):
        """Return the kinds of links that the installed applications can have."""
        kinds = set()
        for line in self._lines("clouder.application.link", []):
            for model in ("service", "base"):
                if line[model]:
                    kinds |= {
                        (model, LIKE.get(owner, owner), target)
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
    """One link, asked and steered over RPC, and looked for on both sides."""

    def __init__(self, world, kind, record):
        self.world, self.api = world, world.api
        self.model, self.record, self.kind = f"clouder.{kind[0]}.link", record, kind
        values = self.api.read(self.model, record, "target", "required", "display_name")
        self.target = values["target"][0]
        self.target_name = self.api.read("clouder.service", self.target, "name")
        self._title = values["display_name"]
        if values["required"]:
            # What is required cannot be withdrawn alone, and that is what is shown here.
            self.api(self.model, "write", [record], {"required": False})
        self.host = self.api.read("clouder.base", world.base, "fulldomain")
        self.owner = self._title.partition(" ")[0]
        self.container = self._container()
        self.known = {}

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
        job = self._ask(action)
        status = self.api.follow(job)
        assert status["state"] == "done", self.api.story(status)
        if action == "deploy":
            self.known = self.facts()

    def _ask(self, action):
        """Ask for a job; the crons may just have one of their own on this link."""
        jobs = []

        def asked():
            try:
                jobs.append(self.api(self.model, action, [self.record]))
            except xmlrpc.client.Fault as error:
                if "is busy" not in error.faultString:
                    raise
                return False, error.faultString
            return True, "asked"

        wait_for(f"{self._title} to be free", asked, 120)
        return jobs[0]

    def undo_again(self):
        """Have both drivers undo what was set up last, as if that was never noted."""
        self.api(self.model, "undo_again", [self.record], json.dumps(self.known))

    def state(self):
        """Return the state that the record says."""
        return self.api.read(self.model, self.record, "state")

    def facts(self):
        """Return what the target said."""
        return json.loads(self.api.read(self.model, self.record, "facts") or "{}")

    def traces(self):
        """Return what the link leaves behind, each with whether it is there (dict)."""
        return TRACES[self.kind](self)

    def present(self):
        """Return the names of the traces that are there."""
        return {name for name, there in self.traces().items() if there}

    def whole(self):
        """Tell whether all traces are there, and the owner's container knows the target."""
        files = FILES.get(self.kind, lambda link: True)
        return self.present() == set(self.traces()) and bool(files(self))

    def joined(self):
        """Tell whether the target is in the network of the owner's own environment."""
        container = self.world.engine.containers.get(self.container)
        return (
            f"clouder-{APART_PREFIX}" in container.attrs["NetworkSettings"]["Networks"]
        )

    def run(self, argv, user="", container=None):
        """Run a command in the target's container, or another; return its output."""
        result = self.world.engine.containers.get(container or self.container).exec_run(
            argv, user=user
        )
        assert result.exit_code == 0, result.output
        return result.output.decode()
