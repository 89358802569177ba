from odoo.exceptions import UserError
from odoo.tests import tagged

from ..lib.errors import CommandFailed
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestBaseUpdate(HostingCase):
    """Every base comes to the code of its service, sooner or later."""

    def setUp(self):
        super().setUp()
        self.store = self._service(self.app_store, "db")
        self.shop = self._service(self.app_shop, "shop")
        self.shop.write({"state": "running", "deployed_at": "2026-01-01"})
        self.driver = type(self.env["clouder.driver"])
        self.updated = []
        self.patch(
            self.driver, "database_list", lambda _self, _service: {"hello.example.test"}
        )
        self.patch(self.driver, "database_drop", lambda *_args, **_named: None)
        self.patch(self.driver, "database_create", lambda *_args, **_named: None)
        bases = self.env.registry["clouder.base"]
        self.patch(bases, "_database_owner", lambda _self: "owner")
        self.patch(self.driver, "service_code", lambda _self, _service: "new")
        self.patch(
            self.driver, "base_update", lambda _self, base: self.updated.append(base)
        )

    def _base(self, name, state="running", wanted=None, code="old"):
        base = self.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": self.shop.id,
            }
        )
        base.write(
            {
                "state": state,
                "wanted": wanted or state,
                "deployed_at": "2026-01-01",
                "code_digest": code,
            }
        )
        return base

    def test_a_stopped_base_stays_stopped(self):
        base = self._base("hello", "stopped")
        _fake, error = self._run(base._enqueue("update"))
        self.assertIsNone(error)
        self.assertEqual((base.state, base.wanted), ("stopped", "stopped"))
        self.assertEqual(self.updated, [base])

    def test_a_base_that_starts_follows_the_code(self):
        base = self._base("hello", "stopped")
        self._run(base._enqueue("start"))
        self.assertEqual(base.state, "running")
        self.assertEqual(self.updated, [base])
        hooks = base._enqueue("deploy").step_ids.mapped("hook")
        self.assertLess(hooks.index("base_follow"), hooks.index("base_links"))

    def test_a_base_without_code_is_not_updated(self):
        base = self._base("hello", code=False)
        self.env["clouder.driver"].base_follow(base)
        self.assertEqual(self.updated, [])

    def test_an_update_of_the_files_takes_all_bases(self):
        bases = [
            self._base("one"),
            self._base("two", "stopped"),
            self._base("three", "failed", "running"),
        ]
        others = [
            self._base("four", "draft"),
            self._base("five", "purged"),
        ]
        files = self.shop.child_ids.filtered(lambda one: one._form() == "files")
        files._update_bases()
        self.assertEqual([one.active_job_id.action for one in bases], ["update"] * 3)
        self.assertFalse(any(one.active_job_id for one in others))

    def _look(self):
        cron = self.env.ref("clouder.clouder_base_cron_follow")
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_a_busy_base_is_taken_up_later(self):
        busy = self._base("busy")
        newest = self._base("newest", code="new")
        job = busy._enqueue("restart")
        self._look()
        self.assertEqual(busy.active_job_id, job)
        job.cancel()
        self._look()
        self.assertEqual(busy.active_job_id.action, "update")
        self.assertFalse(newest.active_job_id)

    def test_a_full_queue_is_taken_up_later(self):
        base = self._base("hello")
        self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", 0)
        self._look()
        self.assertFalse(base.active_job_id)
        self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", 10)
        self._look()
        self.assertEqual(base.active_job_id.action, "update")

    def test_a_failed_update_is_tried_again_a_day_later(self):
        base = self._base("hello")
        job = base._enqueue("update")
        job._end("failed", "It broke.")
        self._look()
        self.assertFalse(base.active_job_id)
        job.ended_at = "2026-01-01"
        self._look()
        self.assertEqual(base.active_job_id.action, "update")

    def test_a_purged_base_forgets_its_code(self):
        base = self._base("hello")
        self._run(base._enqueue("purge"))
        self.assertEqual(base.state, "purged")
        self.assertFalse(base.code_digest)
        self.assertFalse(base.deployed_at)

    def test_a_failed_apply_keeps_a_base_that_answers(self):
        base = self._base("hello")

        def refuse(_self, _base):
            raise CommandFailed(["configure"], 1, "")

        self.patch(self.driver, "base_configure", refuse)
        self._run(base._enqueue("deploy"))
        self.assertEqual(base.state, "running")
        self.assertIn("status 1", base.error)
        self.patch(self.driver, "base_ready", refuse)
        self._run(base._enqueue("deploy"))
        self.assertEqual(base.state, "failed")

    def test_a_base_does_not_move_under_its_job(self):
        base = self._base("hello", "draft")
        base.deployed_at = False
        base.name = "other"
        base._enqueue("deploy")
        for values in (
            {"name": "x"},
            {"domain_id": self.domain.copy({"name": "b.c"}).id},
        ):
            with self.assertRaisesRegex(UserError, "cannot be changed"):
                base.write(values)

    def test_a_base_of_which_something_is_left_stays_where_it_is(self):
        base = self._base("hello", "draft")
        base.deployed_at = False

        def refuse(_self, _base):
            raise CommandFailed(["drop"], 1, "")

        for hook in ("base_ready", "base_drop_database"):
            self.patch(self.driver, hook, refuse)
        self._run(base._enqueue("deploy"))
        self.assertEqual((base.state, base.deployed_at), ("failed", False))
        with self.assertRaisesRegex(UserError, "Purge it first"):
            base.name = "other"
        self.patch(self.driver, "base_drop_database", lambda _self, _base: None)
        self._run(base._enqueue("purge"))
        base.name = "other"

    def test_a_deployed_base_keeps_environment_and_application(self):
        base = self._base("hello")
        other = self.environment.copy({"prefix": "other"})
        application = self.app_shop.copy({"code": "shop2"})
        for values in (
            {"environment_id": other.id},
            {"application_id": application.id},
            {"service_id": False},
        ):
            with self.assertRaisesRegex(UserError, "cannot be changed"):
                base.write(values)
