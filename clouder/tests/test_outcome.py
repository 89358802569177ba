from odoo.tests import tagged

from ..lib.errors import CommandFailed, EngineUnreachable
from ..models import job_context
from .fake_runner import FakeRunner
from .hosting_case import HostingCase

BROKEN = CommandFailed(["make"], 2, "")
# The former state, the action, what fails, and whether the former container comes back
# → what the service then is.
SERVICE = [
    ("draft", "deploy", "image_ensure", True, "failed"),
    ("draft", "deploy", "container_ready", False, "failed"),
    ("running", "deploy", "container_ensure", True, "running"),
    ("running", "deploy", "container_ensure", False, "failed"),
    ("running", "update", "image_ensure", True, "running"),
    ("running", "update", "container_ensure", True, "running"),
    ("running", "update", "container_ensure", False, "failed"),
    ("running", "restart", "container_restart", True, "failed"),
    ("running", "stop", "container_stop", True, "failed"),
    ("running", "purge", "container_remove", True, "failed"),
    ("stopped", "start", "container_start", True, "failed"),
    ("stopped", "update", "container_ensure", False, "stopped"),
    ("failed", "deploy", "container_ensure", True, "failed"),
]
# The former state and the action of a job that is cancelled before it began → state.
CANCELLED = [
    ("draft", "deploy", "failed"),
    ("running", "deploy", "running"),
    ("running", "update", "running"),
    ("running", "restart", "running"),
    ("running", "stop", "running"),
    ("running", "purge", "running"),
    ("running", "purge_data", "running"),
    ("stopped", "start", "stopped"),
    ("failed", "deploy", "failed"),
    ("purged", "deploy", "purged"),
]
WANTED = {"failed": "running"}
REQUESTS = {"update": "upgrade", "purge_data": "purge"}


@tagged("post_install", "-at_install")
class TestOutcome(HostingCase):
    """What a service is after a job that came to nothing."""

    def setUp(self):
        super().setUp()
        self.app_store.update_strategy = "always"

    def _store(self, state, suffix):
        store = self._service(self.app_store, suffix)
        if state != "draft":
            self._run(store._enqueue("deploy"))
        store.write({"state": state, "wanted": WANTED.get(state, state)})
        return store

    def test_failed_jobs(self):
        for number, row in enumerate(SERVICE):
            state, action, method, comes_back, outcome = row
            with self.subTest(row=row):
                store = self._store(state, f"db-{number}")
                runner = FakeRunner()
                runner.fail(method, BROKEN)
                if not comes_back:
                    runner.fail("container_ready", BROKEN)
                job = store._enqueue(action)
                self._run(job, runner)
                self.assertEqual(job.state, "failed")
                self.assertEqual(store.state, outcome)
                self.assertIn("status 2", store.error)
                kept = outcome == state != "failed"
                self.assertEqual(store.to_apply, kept, "not applied yet")

    def test_jobs_that_are_cancelled_before_they_began(self):
        for number, row in enumerate(CANCELLED):
            state, action, outcome = row
            with self.subTest(row=row):
                store = self._store(state, f"db-{number}")
                wanted = store.wanted
                arguments = {"data": True} if action == "purge_data" else {}
                getattr(store, REQUESTS.get(action, action))(**arguments)
                store.active_job_id.cancel()
                self.assertEqual(store.state, outcome)
                self.assertIn("Cancelled by", store.error)
                if state != "draft":
                    self.assertEqual(store.wanted, wanted)

    def test_a_job_cancelled_by_its_worker_before_the_first_step(self):
        store = self._store("running", "db")
        store.to_apply = True
        job = store._enqueue("deploy")
        job.cancel_requested = True
        self._run(job)
        self.assertEqual(job.state, "cancelled")
        self.assertEqual(store.state, "running")
        self.assertTrue(store.to_apply, "what was to apply still is")

    def test_a_job_cancelled_on_its_way_brings_the_former_container_back(self):
        store = self._store("running", "db")
        job = store._enqueue("deploy")

        def cancel(_self, _service):
            job.cancel_requested = True
            job.flush_recordset()

        self.patch(type(self.env["clouder.driver"]), "service_container", cancel)
        fake, _error = self._run(job)
        self.assertEqual(job.state, "cancelled")
        self.assertIn("container_rollback", fake.names())
        self.assertEqual(store.state, "running")

    def test_a_former_container_that_comes_back_is_a_running_service(self):
        store = self._store("running", "db")
        runner = FakeRunner()
        tries = [BROKEN]

        def ready(*_args):
            if tries:
                raise tries.pop()

        runner.container_ready = ready
        job = store._enqueue("update")
        self._run(job, runner)
        self.assertEqual((job.state, store.state), ("failed", "running"))

    def test_the_parts_of_a_tree_come_back_too(self):
        self._store("running", "db")
        shop = self._service(self.app_shop, "shop")
        self._run(shop._enqueue("deploy"))
        runner = FakeRunner()
        runner.fail("container_ensure", BROKEN)
        self._run(shop._enqueue("deploy"), runner)
        self.assertEqual(set(shop._tree().mapped("state")), {"running"})
        self.assertTrue(shop.error)
        problems = self.env["clouder.problem"].search([("kind", "=", "service")])
        self.assertEqual(problems.mapped("name"), ["test-shop"])

    def test_the_daily_look_takes_what_is_wanted_running(self):
        stores = {
            (state, wanted): self._service(self.app_store, f"{state}-{wanted}")
            for state, wanted in (
                ("running", "running"),
                ("failed", "running"),
                ("running", "purged"),
                ("stopped", "stopped"),
            )
        }
        for (state, wanted), store in stores.items():
            store.write({"state": state, "wanted": wanted, "deployed_at": "2026-01-01"})
        never = self._service(self.app_store, "never")
        never.write({"state": "failed", "wanted": "running"})
        cron = self.env.ref("clouder.clouder_service_cron_update")
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        asked = {key for key, store in stores.items() if store.active_job_id}
        self.assertEqual(asked, {("running", "running"), ("failed", "running")})
        self.assertFalse(never.active_job_id)


@tagged("post_install", "-at_install")
class TestToApply(HostingCase):
    """A change that a running job may have missed is told as not applied."""

    def setUp(self):
        super().setUp()
        self.store = self._service(self.app_store, "db")
        self.shop = self._service(self.app_shop, "shop")

    def _change_during(self, change):
        """Call ``change()`` while the last step of the first deployment works."""
        driver = type(self.env["clouder.driver"])

        def meanwhile(_self, _service):
            token = job_context._current.set(None)
            self.env.invalidate_all()
            change()
            self.env.flush_all()
            job_context._current.reset(token)

        self.patch(driver, "service_probe", meanwhile)
        self._run(self.store._enqueue("deploy"))
        self.assertEqual(self.store.state, "running")

    def test_a_limit_that_changed_during_the_first_deployment(self):
        self._change_during(lambda: self.store.write({"memory_limit": 128}))
        self.assertTrue(self.store.to_apply)

    def test_a_line_that_changed_during_the_first_deployment(self):
        port = self.store.port_ids
        self._change_during(lambda: port.write({"local_port": 5433}))
        self.assertTrue(self.store.to_apply)

    def test_what_changed_while_a_job_was_put_off_is_still_to_apply(self):
        runner = FakeRunner()
        runner.fail("container_ready", EngineUnreachable("no answer"))
        job = self.store._enqueue("deploy")
        self._run(job, runner)
        self.assertEqual(job.state, "retrying", job.error)
        self.store.write({"memory_limit": 128})
        self.assertTrue(self.store.to_apply)
        self._run(job)
        self.assertEqual(self.store.state, "running")
        self.assertTrue(self.store.to_apply, "its container was made before")

    def test_what_the_job_itself_writes_is_applied(self):
        self._run(self.store._enqueue("deploy"))
        self.assertFalse(self.store.to_apply)
        runner = FakeRunner()
        runner.results["image_outdated"] = ["openssl 3"]
        self.app_store.update_strategy = "always"
        version = self.store.image_version_id
        self._run(self.store._enqueue("update"), runner)
        self.assertNotEqual(self.store.image_version_id, version)
        self.assertFalse(self.store.to_apply)
