"""A small infrastructure of records for the tests of services, bases and jobs."""

from odoo.fields import Command
from odoo.tests import TransactionCase

from ..models.application_type import as_module
from .fake_runner import fake_runner


class HostingCase(TransactionCase):
    """Two applications: ``shop`` (Data, Files, Exec, bases) and ``store`` (databases)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={
                **cls.env.context,
                "tracking_disable": True,
                "clouder_no_deploy": True,
            }
        )
        cls._make_places()
        cls._make_types()
        cls._make_store()
        cls._make_shop()

    @classmethod
    def _make_places(cls):
        partner = cls.env["res.partner"].create({"name": "Customer"})
        cls.environment = cls.env["clouder.environment"].create(
            {"name": "Test", "prefix": "test", "partner_id": partner.id}
        )
        cls.node = cls.env["clouder.node"].create(
            {"name": "here", "start_port": 20000, "end_port": 20002}
        )
        cls.domain = cls.env["clouder.domain"].create(
            {"name": "example.test", "organisation": "Example"}
        )

    @classmethod
    def _make_types(cls):
        types = as_module(cls.env["clouder.application.type"])
        cls.type_store = types.create({"name": "test-store", "system_user": "store"})
        cls.type_shop = types.create(
            {
                "name": "test-shop",
                "system_user": "shop",
                "option_ids": [
                    Command.create(
                        {
                            "name": "workers",
                            "type": "container",
                            "auto": True,
                            "default": "2",
                        }
                    ),
                    Command.create(
                        {
                            "name": "token",
                            "type": "container",
                            "secret": True,
                            "auto": True,
                        }
                    ),
                    Command.create({"name": "plan", "type": "base", "required": True}),
                ],
            }
        )

    @classmethod
    def _tags(cls, *codes):
        tags = cls.env["clouder.application.tag"]
        for code in codes:
            tags |= tags.search([("code", "=", code)]) or tags.create(
                {"name": code, "code": code}
            )
        return [Command.set(tags.ids)]

    @classmethod
    def _image(cls, name, **values):
        return cls.env["clouder.image"].create(
            {"name": name, "parent_from": "debian:bookworm-slim", **values}
        )

    @classmethod
    def _application(cls, code, application_type, **values):
        return cls.env["clouder.application"].create(
            {
                "name": code.title(),
                "code": code,
                "type_id": application_type.id,
                "current_version": "1",
                "next_node_id": cls.node.id,
                "public": True,
                **values,
            }
        )

    @classmethod
    def _make_store(cls):
        cls.image_store = cls._image(
            "test-store",
            port_ids=[Command.create({"name": "sql", "local_port": 5432})],
            volume_ids=[Command.create({"name": "lib", "localpath": "/var/lib/store"})],
        )
        cls.app_store = cls._application(
            "test-store",
            cls.type_store,
            default_image_id=cls.image_store.id,
            tag_ids=cls._tags("database", "exec"),
        )

    @classmethod
    def _make_shop(cls):
        plan = cls.type_shop.option_ids.filtered(lambda one: one.name == "plan")
        cls.app_shop = cls._application(
            "shop",
            cls.type_shop,
            base=True,
            child_ids=[Command.set([child.id for child in cls._make_parts()])],
            option_ids=[Command.create({"name": plan.id, "value": "basic"})],
        )

    @classmethod
    def _make_parts(cls):
        """Return the applications Data, Files and Exec."""
        data = cls._image(
            "test-data",
            volume_ids=[Command.create({"name": "files", "localpath": "/srv/data"})],
        )
        code = cls._image(
            "test-code",
            volume_ids=[Command.create({"name": "code", "localpath": "/srv/code"})],
        )
        return [
            cls._part("data", 1, data, update_strategy="never"),
            cls._part("files", 2, code, update_strategy="manual", update_bases=True),
            cls._make_exec(),
        ]

    @classmethod
    def _part(cls, code, sequence, image, **values):
        return cls._application(
            code,
            cls.type_shop,
            default_image_id=image.id,
            sequence=sequence,
            required=True,
            tag_ids=cls._tags(code),
            **values,
        )

    @classmethod
    def _make_exec(cls):
        port = {"name": "http", "local_port": 8069, "expose": "internet"}
        cls.image_exec = cls._image(
            "test-exec", volumes_from="data,files", port_ids=[Command.create(port)]
        )
        tag = cls.env["clouder.application.tag"].search([("code", "=", "database")])
        link = {"tag_id": tag.id, "required": True, "make_link": True, "service": True}
        return cls._part(
            "exec",
            3,
            cls.image_exec,
            update_strategy="always",
            link_ids=[Command.create(link)],
        )

    @classmethod
    def _service(cls, application, suffix, **values):
        return cls.env["clouder.service"].create(
            {
                "environment_id": cls.environment.id,
                "application_id": application.id,
                "suffix": suffix,
                **values,
            }
        )

    def _deploy_shop(self):
        """Have a shop with its store deployed: ``shop``, its ``process`` and ``files``."""
        self.store = self._service(self.app_store, "db")
        self.shop = self._service(self.app_shop, "shop")
        self.process = self.shop._exec_service()
        self.files = self.shop.child_ids.filtered(lambda one: one._form() == "files")
        for service in (self.store, self.shop):
            service.deploy()
            self._run(service.active_job_id)

    def _run(self, job, runner=None):
        """Run ``job`` at once, with ``runner`` (a FakeRunner) or one of its own."""
        with self.enter_registry_test_mode(), fake_runner(self.env) as fake:
            if runner is not None:
                fake.__dict__.update(runner.__dict__)
            job.flush_recordset()
            self.env.flush_all()
            result = None
            try:
                job._perform()
            except Exception as error:  # noqa: BLE001 a job put off says so by raising
                result = error
            self.env.invalidate_all()
        return fake, result
