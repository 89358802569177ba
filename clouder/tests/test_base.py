import psycopg2

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.application_type import as_module
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestBase(HostingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store = cls._service(cls.app_store, "db")
        cls.shop = cls._service(cls.app_shop, "shop")

    def _base(self, name="hello", **values):
        return self.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": self.shop.id,
                **values,
            }
        )

    def test_host_names(self):
        self.assertEqual(self._base("hello").fulldomain, "hello.example.test")
        self.assertEqual(self._base("www").fulldomain, "example.test")

    def test_a_host_name_is_given_once(self):
        self._base()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.cr.savepoint(),
        ):
            self._base()

    def test_hostile_names_are_refused(self):
        for name in ("", "a;id", "$(id)", "-a", "a\n", "../x", "UPPER", "a" * 64, "а"):
            with self.subTest(name=name), mute_logger("odoo.sql_db"):
                self.assertTrue(self._is_refused(name))

    def _is_refused(self, name):
        try:
            with self.cr.savepoint():
                self._base(name)
        except (ValidationError, psycopg2.IntegrityError, ValueError):
            return True
        return False

    def test_passwords_are_generated_and_encrypted(self):
        base = self._base(poweruser_name="boss@example.test")
        self.assertGreaterEqual(len(base.admin_password), 20)
        self.assertNotEqual(base.admin_password, base.poweruser_password)
        self.assertNotIn(base.admin_password, base.sudo().admin_password_encrypted)

    def test_writing_one_secret_keeps_the_others(self):
        base = self._base(poweruser_name="boss@example.test")
        kept = base._secret("admin_password")
        self.env.flush_all()
        self.env.invalidate_all()
        admin = self.env.ref("base.user_admin")
        base.with_user(admin).poweruser_password = "another-password"
        self.env.flush_all()
        self.assertEqual(base._secret("poweruser_password"), "another-password")
        self.assertEqual(base._secret("admin_password"), kept)

    def test_options_come_from_the_application(self):
        base = self._base()
        self.assertEqual(base._option("plan"), "basic")

    def test_databases(self):
        base = self._base()
        self.assertEqual(list(base._databases().values()), ["hello.example.test"])
        as_module(self.type_shop).multiple_databases = "files,users"
        self.assertEqual(set(base._databases()), {"files", "users"})

    def test_a_base_without_service_gets_one(self):
        base = self._base("solo", service_id=False)
        self.assertEqual(base.service_id.suffix, "solo")
        self.assertEqual(len(base.service_id.child_ids), 3)

    def test_a_base_waits_for_its_service(self):
        base = self._base()
        job = base._enqueue("deploy")
        _fake, error = self._run(job)
        self.assertIn("Waits for service", str(error))
        self.assertEqual(job.state, "retrying")
        self.assertEqual(self.shop.active_job_id.action, "deploy")
        self.assertEqual(base.state, "deploying")

    def _base_of_a_stuck_service(self, **values):
        """Return the job of a base that waits for a service's job with these values."""
        base = self._base()
        job = base._enqueue("deploy")
        self._run(job)
        self.shop._busy_jobs()[0].write(values)
        return job

    def test_nobody_asks_before_what_he_waits_for_is_tried_again(self):
        soon = fields.Datetime.add(fields.Datetime.now(), seconds=30)
        job = self._base_of_a_stuck_service(state="retrying", next_try=soon)
        _fake, error = self._run(job)
        self.assertIn("Waits for service", str(error))
        self.assertGreater(error.seconds, 25)
        self.assertLess(error.seconds, 35)

    def test_who_waits_for_what_runs_asks_soon(self):
        job = self._base_of_a_stuck_service(state="running")
        _fake, error = self._run(job)
        self.assertIn("Waits for service", str(error))
        self.assertLess(error.seconds, 3)

    def test_an_application_without_bases_refuses_them(self):
        with self.assertRaisesRegex(ValidationError, "cannot have bases"):
            self._base(application_id=self.app_store.id, service_id=self.store.id)

    def test_a_deployed_base_keeps_its_name(self):
        base = self._base()
        base.write({"state": "running", "deployed_at": "2026-01-01"})
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            base.name = "other"

    def test_the_services_bases_stop_its_purge(self):
        base = self._base()
        base.state = "running"
        with self.assertRaisesRegex(UserError, "hello.example.test"):
            self.shop.purge()
