import re
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import RetryableJobError

from ..lib.errors import CommandFailed, EngineUnreachable
from .fake_runner import FakeRunner
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestJob(HostingCase):
    def setUp(self):
        super().setUp()
        self.store = self._service(self.app_store, "db")

    def _job(self, action="deploy"):
        return self.store._enqueue(action)

    def test_steps_are_known_beforehand(self):
        job = self._job()
        self.assertEqual(
            job.step_ids.mapped("hook"),
            [
                "service_image",
                "service_storage",
                "service_links",
                "service_container",
                "service_ready",
                "service_probe",
            ],
        )
        self.assertEqual(set(job.step_ids.mapped("state")), {"pending"})

    def test_a_hook_that_a_driver_provides_is_a_step(self):
        driver = self.env.registry["clouder.driver"]
        self.patch(driver, "service_configure", lambda self, service: None)
        hooks = self._job().step_ids.mapped("hook")
        self.assertLess(hooks.index("service_ready"), hooks.index("service_configure"))
        self.assertNotIn("service_prepare", hooks)

    def test_a_deployment_runs_all_steps(self):
        job = self._job()
        fake, error = self._run(job)
        self.assertIsNone(error)
        self.assertEqual(job.state, "done")
        self.assertEqual(job.progress, 100)
        self.assertEqual(set(job.step_ids.mapped("state")), {"done"})
        self.assertEqual(self.store.state, "running")
        self.assertTrue(self.store.deployed_at)
        self.assertIn("container_ensure", fake.names())

    def test_a_deployment_shows_that_its_node_answers(self):
        self._run(self._job())
        self.assertEqual(self.node.state, "online")

    def test_one_active_job_a_record(self):
        job = self._job()
        self.assertEqual(self._job(), job, "the same request gets the running job")
        with self.assertRaisesRegex(UserError, "is busy"):
            self._job("purge")

    def test_a_lasting_failure_is_told_in_one_sentence(self):
        runner = FakeRunner()
        runner.fail("container_ensure", CommandFailed(["make"], 2, "real output"))
        job = self._job()
        _fake, error = self._run(job, runner)
        self.assertIsNone(error)
        self.assertEqual(job.state, "failed")
        self.assertEqual(self.store.state, "failed")
        self.assertIn("status 2", self.store.error)
        self.assertEqual(self.store.error_detail, "real output")
        failed = job.step_ids.filtered(lambda step: step.state == "failed")
        self.assertEqual(failed.hook, "service_container")

    def test_the_traceback_of_a_fault_of_ours_is_in_the_servers_log_alone(self):
        def fail(_self, service):
            raise KeyError("a fault of ours\nand more")

        self.patch(type(self.env["clouder.driver"]), "service_configure", fail)
        job = self._job()
        with self.assertLogs("odoo.addons.clouder.models.job_run", "ERROR") as logged:
            self._run(job)
        status = job.status()
        self.assertIn("Unexpected error (KeyError)", status["error"])
        number = re.search(r"under number ([0-9a-f]{8})\.$", status["detail"])[1]
        self.assertEqual(self.store.error_detail, status["detail"])
        [entry] = [text for text in logged.output if number in text]
        self.assertIn("Traceback", entry)
        self.assertIn(f"of job {job.id}", entry)
        everything = [*job.line_ids.mapped("text"), *status.values()]
        self.assertNotIn("Traceback", str(everything))
        self.assertNotIn(__file__, str(everything))

    def test_a_failed_first_deployment_leaves_nothing(self):
        runner = FakeRunner()
        runner.fail("container_ready", CommandFailed(["check"], 1, ""))
        fake, _error = self._run(self._job(), runner)
        self.assertEqual(fake.names()[-2:], ["container_remove", "volumes_remove"])

    def test_a_failed_later_deployment_keeps_everything(self):
        self._run(self._job())
        runner = FakeRunner()
        runner.fail("container_ready", CommandFailed(["check"], 1, ""))
        fake, _error = self._run(self._job(), runner)
        self.assertIn("container_rollback", fake.names())
        self.assertNotIn("volumes_remove", fake.names())
        self.assertNotIn("container_remove", fake.names())

    def test_retry_after_the_cause_is_mended(self):
        runner = FakeRunner()
        runner.fail("container_ready", CommandFailed(["check"], 1, ""))
        job = self._job()
        self._run(job, runner)
        again = self.env["clouder.job"].browse(job.retry())
        self._run(again)
        self.assertEqual(self.store.state, "running")
        self.assertFalse(self.store.error)

    def test_only_the_last_job_is_retried(self):
        """What was asked for since may have changed everything."""
        old = self._job("purge")
        old.cancel()
        self._run(self._job())
        with self.assertRaisesRegex(UserError, "is not the last one"):
            old.retry()
        self.assertEqual(self.store.state, "running")

    def test_a_retry_is_checked_like_a_first_request(self):
        job = self._job("stop")
        job.cancel()
        self.store.state = "draft"
        with self.assertRaisesRegex(UserError, "is not deployed"):
            job.retry()

    def test_a_retried_purge_looks_for_bases(self):
        shop = self._service(self.app_shop, "shop")
        for action in ("purge", "purge_data"):
            job = shop._enqueue(action)
            job.cancel()
            base = self.env["clouder.base"].create(
                {
                    "name": action.replace("_", "-"),
                    "domain_id": self.domain.id,
                    "environment_id": self.environment.id,
                    "application_id": self.app_shop.id,
                    "service_id": shop.id,
                    "state": "running",
                }
            )
            with self.assertRaisesRegex(UserError, "still hosts bases"):
                job.retry()
            base.state = "draft"
            again = job.browse(job.retry())
            self.assertEqual((again.action, shop.wanted), (action, "purged"))
            # One may come between the request and the work.
            base.state = "running"
            fake, _error = self._run(again)
            self.assertEqual(again.state, "failed")
            self.assertIn("still hosts", again.error)
            self.assertNotIn("container_remove", fake.names())
            base.unlink() if base.state == "draft" else base.write({"state": "draft"})

    def test_an_unreachable_node_is_tried_again(self):
        runner = FakeRunner()
        runner.fail("volumes_ensure", EngineUnreachable("Nobody answers at x."))
        job = self._job()
        _fake, error = self._run(job, runner)
        self.assertIsInstance(error, RetryableJobError)
        self.assertEqual(job.state, "retrying")
        self.assertTrue(job.next_try)
        self.assertEqual(self.store.state, "deploying")
        self.assertIn("Nobody answers", self.store.error)
        fake, error = self._run(job)
        self.assertIsNone(error)
        self.assertEqual(job.state, "done")
        self.assertNotIn("image_ensure", fake.names(), "a done step is not done again")

    def test_cancel_a_waiting_job(self):
        job = self._job()
        job.cancel()
        self.assertEqual(job.state, "cancelled")
        self.assertEqual(self.store.state, "failed")
        self.assertIn("Cancelled by", self.store.error)
        fake, _error = self._run(job)
        self.assertEqual(fake.calls, [], "a cancelled job does nothing")

    def _running(self, **queued):
        """Return a job that a worker has begun, with its record in the queue."""
        job = self._job()
        job.state = "running"
        begun = {"state": "started", "date_started": "2026-01-01 00:00:00"}
        self.env["queue.job"].search([("uuid", "=", job.queue_uuid)]).write(
            {**begun, **queued}
        )
        self.env.flush_all()
        return job

    def test_cancel_that_collides_with_a_worker_is_tried_again(self):
        """Odoo does so for this very error; it must not be taken for the record's."""
        job = self._job()
        collided = psycopg2.errors.SerializationFailure
        flush = patch.object(type(self.env), "flush_all", side_effect=collided)
        with self.assertRaises(collided), flush:
            job._end_surely("cancelled", "x")

    def test_cancel_a_job_whose_worker_is_gone(self):
        job = self._running()
        job.cancel()
        self.assertEqual(job.state, "cancelled")
        self.assertFalse(self.store.active_job_id)
        fake, _error = self._run(job)
        self.assertFalse(fake.calls, "should the queue take it up again")

    def test_cancel_a_job_with_a_worker(self):
        job = self._running(date_started=fields.Datetime.now())
        job.cancel()
        self.assertEqual(job.state, "running", "its worker ends it")
        self.assertTrue(job.cancel_requested)

    def test_jobs_that_the_queue_gave_up_are_ended(self):
        crons = type(self.env["ir.cron"])
        self.patch(crons, "_commit_progress", lambda *_args, **_named: 1)
        for state in ("failed", "cancelled", "done", "gone"):
            with self.subTest(state=state):
                job = self._running()
                queued = job._queued()
                if state == "gone":
                    queued.unlink()
                else:
                    queued.write({"state": state, "exc_message": "it was killed"})
                self.cr.execute("UPDATE clouder_job SET write_date = '2026-01-01'")
                self.env["clouder.job"]._cron_end_lost()
                self.assertEqual(job.state, "failed")
                self.assertIn("Nobody works on this job", job.error)
                self.assertEqual(self.store.state, "failed")
                job.invalidate_recordset()

    def test_jobs_in_the_queue_are_left_alone(self):
        job = self._running(state="pending")
        self.cr.execute("UPDATE clouder_job SET write_date = '2026-01-01'")
        self.env["clouder.job"]._cron_end_lost()
        self.assertEqual(job.state, "running")

    def _fail_with(self, hook, error):
        def fail(*_args):
            raise error

        self.patch(type(self.env["clouder.service"]), hook, fail)
        runner = FakeRunner()
        runner.fail("container_ready", CommandFailed(["check"], 1, "the reason"))
        job = self._job()
        with mute_logger("odoo.addons.clouder.models.job_run"):
            _fake, result = self._run(job, runner)
        self.assertIsNone(result)
        self.assertEqual(job.state, "failed")
        self.assertFalse(self.store.active_job_id)
        return job

    def test_a_job_ends_although_taking_back_fails(self):
        for hook in ("_abort_hooks", "_abort_deployment"):
            with self.subTest(hook=hook):
                job = self._fail_with(hook, KeyError("a fault of ours"))
                self.assertIn("status 1", job.error)
                self.assertIn("a fault of ours", "".join(job.line_ids.mapped("text")))

    def test_a_job_ends_although_its_record_cannot_be_told(self):
        job = self._fail_with("_job_ended", ValueError("a fault of ours"))
        self.assertIn("status 1", job.error)
        self.assertIn("a fault of ours", "".join(job.line_ids.mapped("text")))

    def test_a_job_ends_although_it_cannot_be_put_off(self):
        def fail(*_args):
            raise KeyError("a fault of ours")

        self.patch(type(self.env["clouder.service"]), "_job_retrying", fail)
        runner = FakeRunner()
        runner.fail("volumes_ensure", EngineUnreachable("Nobody answers at x."))
        job = self._job()
        with mute_logger("odoo.addons.clouder.models.job_run"):
            _fake, result = self._run(job, runner)
        self.assertIsNone(result)
        self.assertEqual(job.state, "failed")

    def test_a_full_queue_is_told_and_can_be_retried(self):
        self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", 1)
        self._job()
        other = self._service(self.app_store, "other")
        other.with_context(clouder_no_deploy=False)._deploy_new()
        self.assertEqual(other.state, "failed")
        self.assertIn("queue is full", other.error)
        self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", 10)
        self.assertTrue(other.deploy())

    def test_secrets_are_masked_by_value(self):
        secret = "planted-canary-4711"

        def leak(_self, service):
            self.env["clouder.secret.mixin"]._encrypt(secret)
            self.env["clouder.job"]._log(f"the password is {secret}")
            raise CommandFailed(["psql", secret], 1, f"output with {secret}")

        self.patch(type(self.env["clouder.driver"]), "service_configure", leak)
        job = self._job()
        self._run(job)
        everything = [
            *job.line_ids.mapped("text"),
            job.error,
            job.error_detail,
            self.store.error,
            self.store.error_detail,
        ]
        self.assertNotIn(secret, "\n".join(everything))
        self.assertIn("••••", "\n".join(everything))

    def test_the_log_goes_on_from_an_offset(self):
        job = self._job()
        self._run(job)
        lines = job.log()
        self.assertTrue(lines)
        self.assertEqual(job.log(offset=lines[0]["id"]), lines[1:])


@tagged("post_install", "-at_install")
class TestJobOfTree(HostingCase):
    """One job at a time works on a tree of services."""

    def setUp(self):
        super().setUp()
        self._service(self.app_store, "db")
        self.shop = self._service(self.app_shop, "shop")
        self.process = self.shop._exec_service()

    def test_a_child_waits_for_the_job_of_its_parent(self):
        job = self.shop._enqueue("purge")
        with self.assertRaisesRegex(UserError, f"busy: job {job.id}"):
            self.process._enqueue("update")

    def test_a_parent_waits_for_the_job_of_a_child(self):
        job = self.process._enqueue("update")
        for action in ("deploy", "update", "purge", "purge_data"):
            with (
                self.subTest(action=action),
                self.assertRaisesRegex(UserError, f"busy: job {job.id}"),
            ):
                self.shop._enqueue(action)

    def test_what_the_parents_job_does_already_is_that_job(self):
        job = self.shop._enqueue("deploy")
        self.assertEqual(self.process._enqueue("deploy"), job)

    def test_a_child_that_the_job_leaves_alone_is_told_busy(self):
        self.process.application_id.required = False
        self.shop._enqueue("deploy")
        with self.assertRaisesRegex(UserError, "is busy"):
            self.process._enqueue("deploy")

    def test_a_child_is_not_deleted_under_a_job(self):
        self.shop._enqueue("deploy")
        with self.assertRaisesRegex(UserError, "cannot be deleted while job"):
            self.process.unlink()

    def test_steps_on_a_tree_share_a_lock(self):
        for child in self.shop.child_ids:
            self.assertEqual(
                child._hook_locks("service_image"), [f"clouder.service,{self.shop.id}"]
            )

    def test_two_requests_at_once_get_one_job(self):
        first = self.shop._enqueue("deploy")
        first.flush_recordset()
        look = type(self.shop)._busy_jobs
        blind = [self.env["clouder.job"]]

        def busy(records):
            return blind.pop() if blind else look(records)

        self.patch(type(self.shop), "_busy_jobs", busy)
        with self.enter_registry_test_mode():
            self.assertEqual(self.shop._enqueue("deploy"), first)
        blind.append(self.env["clouder.job"])
        with (
            self.enter_registry_test_mode(),
            self.assertRaisesRegex(UserError, "is busy"),
        ):
            self.shop._enqueue("purge")
