"""A mail server and bases of an application that nobody runs."""

import contextlib
import json
from unittest import mock

from odoo.addons.clouder.lib.engine import ExecResult
from odoo.addons.clouder.lib.errors import EngineMissing
from odoo.addons.clouder.models.application_type import as_module
from odoo.addons.clouder.tests.driver_case import DriverCase

BACKEND = {"host": "mailtest-web", "port": 8069}


class Files:
    """The files of a container that only remembers.

    :param fake: the :class:`~odoo.addons.clouder.tests.fake_runner.FakeRunner`
    """

    def __init__(self, fake):
        self.kept, self.commands, self.runner = {}, [], fake
        fake.file_get, fake.files_put, fake.exec = self.get, self.put, self.exec
        self.running, self.status, self.said = True, 0, ""
        self.inputs = []

    def get(self, service, path):
        """Return a file's content."""
        self._check(service)
        if path not in self.kept:
            raise EngineMissing(f"{path} is missing.")
        return self.kept[path].content

    def put(self, service, files):
        """Keep files."""
        self._check(service)
        self.kept.update({file.path: file for file in files})

    def exec(self, service, argv, stdin=None, check=True, timeout=600):
        """Remove files; note every command."""
        self._check(service)
        self.commands.append(argv)
        self.inputs.append((stdin or b"").decode())
        if argv[0] == "rm":
            for path in argv[3:]:
                self.kept.pop(path, None)
        return ExecResult(self.status, self.said, "")

    def text(self, name):
        """Return a file below /srv/mail as text."""
        return self.kept[f"/srv/mail/{name}"].content.decode()

    def domains(self):
        """Return the domains that the server takes mail for."""
        return {line.split()[0] for line in self.text("domains").splitlines()}

    def bases(self):
        """Return what the gate knows of the bases."""
        return json.loads(self.text("bases.json"))

    def _check(self, service):
        if not self.running:
            raise EngineMissing(f"The container {service.name} does not run.")


class MailCase(DriverCase):
    driver_code = "postfix"
    allow_inherited_tests_method = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env = cls.env = cls.env(context={**cls.env.context, "clouder_no_deploy": True})
        cls.driver = env["clouder.driver"]._get("postfix")
        cls.environment = env["clouder.environment"].create(
            {"name": "Mail test", "prefix": "mailtest"}
        )
        cls.node = env["clouder.node"].create({"name": "mail-test-node"})
        cls.domain = env["clouder.domain"].create(
            {"name": "mail.example", "organisation": "Example"}
        )
        cls.mail = cls.make_service(
            env.ref("clouder_template_postfix.application_postfix"), "mail"
        )
        kind = as_module(env["clouder.application.type"]).create(
            {"name": "mail-test-web", "system_user": "root", "driver": "generic"}
        )
        cls.application = env["clouder.application"].create(
            {
                "name": "Web",
                "code": "mail-test-web",
                "type_id": kind.id,
                "base": True,
                "link_ids": [
                    (
                        0,
                        0,
                        {
                            "tag_id": env.ref("clouder.tag_mail").id,
                            "service": False,
                            "base": True,
                            "make_link": True,
                        },
                    )
                ],
            }
        )
        cls.web = cls.make_service(cls.application, "web")

    @classmethod
    def make_service(cls, application, suffix, environment=None):
        service = cls.env["clouder.service"].create(
            {
                "environment_id": (environment or cls.environment).id,
                "suffix": suffix,
                "application_id": application.id,
                "node_id": cls.node.id,
            }
        )
        return cls.set_running(service)

    @classmethod
    def make_base(cls, name, **values):
        base = cls.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": cls.domain.id,
                "environment_id": cls.environment.id,
                "application_id": cls.application.id,
                "service_id": cls.web.id,
                **values,
            }
        )
        base.wanted = "running"
        base.link_ids.target = cls.mail
        return base

    @classmethod
    def set_option(cls, name, value):
        """Give the mail server an option."""
        definition = cls.env.ref(f"clouder_template_postfix.option_{name}")
        line = cls.mail.option_ids.filtered(lambda one: one.name == definition)
        if line:
            line.value = value
        else:
            cls.env["clouder.service.option"].create(
                {"service_id": cls.mail.id, "name": definition.id, "value": value}
            )

    @contextlib.contextmanager
    def files(self):
        """Give :class:`Files`; the bases' driver is a fake too."""
        root = self.env.registry["clouder.driver"]
        backend = mock.patch.object(root, "base_backend", lambda *args: dict(BACKEND))
        with self.fake_runner() as fake, backend:
            yield Files(fake)

    def deploy(self, base):
        """Run the link steps of a base's deployment."""
        for hook in ("base_links", "base_publish"):
            base._run_hook(hook)

    def rest(self, base, wanted):
        """Run the link steps of a base's stop, or suspension."""
        base.wanted = wanted
        for hook in ("base_suspend", "base_publish"):
            base._run_hook(hook)

    def withdraw(self, base):
        """Run the link steps of a base's purge."""
        base.wanted = "purged"
        for hook in ("base_withdraw", "base_publish"):
            base._run_hook(hook)
