"""Bases with links to several services, for the tests of links."""

from unittest import mock

from odoo import fields
from odoo.fields import Command

from .hosting_case import HostingCase

TAGS = ("proxy", "mail", "dns")


class LinkCase(HostingCase):
    """A base of ``shop`` may be linked to a proxy, a mail server and a DNS server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store = cls._running(cls._service(cls.app_store, "db"))
        cls.apps = {tag: cls._application_of(tag) for tag in TAGS}
        cls.app_shop.link_ids = [
            Command.create(
                {
                    "target_application_id": app.id,
                    "service": False,
                    "base": True,
                }
            )
            for app in cls.apps.values()
        ]
        cls.shop = cls._running(cls._service(cls.app_shop, "shop"))

    def setUp(self):
        super().setUp()
        # A cron commits after each record, which a test cannot.
        cron = self.env.registry["ir.cron"]
        self.commit = cron._commit_progress
        self.patch(cron, "_commit_progress", lambda *args, **kwargs: 60)
        # However short ago a link was looked at, it is its turn.
        self.env["ir.config_parameter"].set_param("clouder.link_minutes", "0")

    @classmethod
    def _application_of(cls, tag):
        return cls._application(
            f"link-{tag}",
            cls.type_store,
            default_image_id=cls.image_store.id,
            tag_ids=cls._tags(tag, "exec"),
        )

    @classmethod
    def _running(cls, service):
        service._tree().write(
            {"state": "running", "deployed_at": fields.Datetime.now()}
        )
        return service

    def _target(self, tag):
        return self._running(self._service(self.apps[tag], tag))

    def _base(self, name="hello", **values):
        base = self.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": self.shop.id,
                **values,
            }
        )
        base.write(
            {
                "state": "running",
                "wanted": "running",
                "deployed_at": fields.Datetime.now(),
            }
        )
        return base

    def _link(self, base, tag):
        return base.link_ids.filtered(lambda one: one.code == f"link-{tag}")

    def _hook(self, name, function):
        """Replace a hook of the root driver for this test; return the mock."""
        root = self.env.registry["clouder.driver"]
        patcher = mock.patch.object(root, name, autospec=True, side_effect=function)
        self.addCleanup(patcher.stop)
        return patcher.start()

    def _done(self, link, action):
        job = link._enqueue(action)
        self._run(job)
        return job

    def _run_next(self, link, action):
        """Run the job that waits on ``link``, which must be for ``action``."""
        link.invalidate_recordset()
        self.assertEqual(link.active_job_id.action, action)
        self._run(link.active_job_id)
