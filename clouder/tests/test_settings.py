from odoo.tests import tagged

from ..lib.errors import CommandFailed, EngineUnreachable
from .fake_runner import FakeRunner
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestSettings(HostingCase):
    """What can be set does something."""

    def setUp(self):
        super().setUp()
        self.store = self._service(self.app_store, "db")
        self.before = self.env["mail.mail"].search([])

    def _mails(self):
        return self.env["mail.mail"].search([]) - self.before

    def _told(self):
        self.env["ir.config_parameter"].set_param(
            "clouder.email_sysadmin", "root@example.test"
        )

    def _fail(self):
        runner = FakeRunner()
        runner.fail("container_ensure", CommandFailed(["make"], 2, "<real> output"))
        self._run(self.store._enqueue("deploy"), runner)

    def test_a_failed_job_is_told_by_mail(self):
        self._told()
        self._fail()
        mail = self._mails()
        self.assertEqual(mail.email_to, "root@example.test")
        self.assertIn("test-db", mail.subject)
        self.assertIn("status 2", mail.body_html)
        self.assertIn("&lt;real&gt;", mail.body_html)

    def test_what_goes_well_is_not(self):
        self._told()
        self._run(self.store._enqueue("deploy"))
        self.store._enqueue("restart").cancel()
        self.assertFalse(self._mails())

    def test_without_an_address_nobody_is_told(self):
        self._fail()
        self.assertFalse(self._mails())

    def test_an_offline_node_is_told_once(self):
        self._told()
        for _time in range(2):
            self.node._note_offline(str(EngineUnreachable("Nobody answers.")))
        self.assertEqual(len(self._mails()), 1)
        self.assertIn("here", self._mails().subject)

    def test_the_types_user_runs_the_container(self):
        self.store.image_version_id = self.store.image_id._new_version()
        self.assertEqual(self.store._spec().user, "store")
