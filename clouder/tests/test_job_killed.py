import contextlib

from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from ..lib.errors import EngineUnreachable
from ..models.job_step import KILLS
from .fake_runner import FakeRunner
from .hosting_case import HostingCase


class Killed(BaseException):
    """The end of a worker that nothing in it can catch."""


@tagged("post_install", "-at_install")
class TestKilledJobs(HostingCase):
    """A job does not go on for ever when the server is stopped in it each time."""

    def setUp(self):
        super().setUp()
        self.store = self._service(self.app_store, "db")
        self.job = self.store._enqueue("deploy")

    def kill(self, method="container_ensure", times=1):
        """Run the job, and have its worker die each time it calls ``method``."""
        runner = FakeRunner()
        runner.fail(method, Killed())
        for _ in range(times):
            # Odoo's own assertRaises would take back what the worker committed.
            with contextlib.suppress(Killed):
                self._run(self.job, runner)
            self.env.invalidate_all()
            self.assertEqual(self.job.state, "running", "as a dead worker leaves it")

    def ended(self):
        """Run the job to its end."""
        fake, error = self._run(self.job)
        self.assertIsNone(error)
        return fake

    def test_it_fails_after_the_fifth_time(self):
        self.kill(times=KILLS)
        fake = self.ended()
        self.assertEqual(self.job.state, "failed")
        self.assertIn("stopped 5 times", self.job.error)
        self.assertIn("limit_time_real", self.job.error)
        [step] = self.job.step_ids.filtered(lambda one: one.state == "failed")
        self.assertEqual((step.hook, step.killed), ("service_container", KILLS))
        self.assertIn(step.name, self.job.error)
        self.assertNotIn("container_ensure", fake.names())
        self.assertIn("container_remove", fake.names(), "as after other failures")
        self.assertEqual(self.store.state, "failed")

    def test_a_retry_begins_anew(self):
        self.kill(times=KILLS)
        self.ended()
        self.job = self.job.browse(self.job.retry())
        self.kill(times=KILLS - 1)
        self.ended()
        self.assertEqual(self.job.state, "done")

    def test_each_step_is_counted_for_itself(self):
        for method in ("image_ensure", "volumes_ensure", "container_ensure"):
            self.kill(method, times=KILLS - 1)
        self.ended()
        self.assertEqual(self.job.state, "done")

    def test_a_wait_is_no_death(self):
        runner = FakeRunner()
        runner.fail("container_ensure", EngineUnreachable("Nobody answers at x."))
        for _ in range(KILLS + 1):
            _fake, error = self._run(self.job, runner)
            self.assertIsInstance(error, RetryableJobError)
        self.assertFalse(any(self.job.step_ids.mapped("killed")))
        self.ended()
        self.assertEqual(self.job.state, "done")

    def test_a_death_that_waits_for_its_turn_is_counted_once(self):
        self.kill()
        self.env["ir.config_parameter"].set_param("clouder.node_jobs", 1)
        other = self._service(self.app_store, "other")._enqueue("deploy")
        other.state = "running"
        for _ in range(KILLS + 1):
            _fake, error = self._run(self.job)
            self.assertIsInstance(error, RetryableJobError)
        other.state = "pending"
        self.ended()
        self.assertEqual(max(self.job.step_ids.mapped("killed")), 1)

    def test_it_ends_although_it_is_killed_while_it_takes_back(self):
        self.kill(times=KILLS)
        self.kill("container_remove")
        fake = self.ended()
        self.assertEqual(self.job.state, "failed")
        self.assertNotIn("container_remove", fake.names())
