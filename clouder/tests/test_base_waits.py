from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from ..lib.errors import CommandFailed
from ..models.job_wait import WaitForJob
from .fake_runner import FakeRunner
from .life_case import LifeCase


@tagged("post_install", "-at_install")
class TestBaseWaits(LifeCase):
    """A base whose service does not run has it deployed, once, and waits for it."""

    def setUp(self):
        super().setUp()
        self._run(self.store._enqueue("deploy"))
        self.shop._tree().write({"state": "failed", "deployed_at": False})
        names = ("one", "two", "three")
        self.bases = [self.base(name, "draft", deployed_at=False) for name in names]

    def _waiting(self, base):
        """Run the job of ``base`` until it waits for the service; return it."""
        job = base.active_job_id or base._enqueue("deploy")
        _fake, error = self._run(job)
        self.assertIsInstance(error, RetryableJobError)
        self.assertEqual(job.state, "retrying", job.error)
        return job

    def _deployments(self):
        domain = [("res_model", "=", "clouder.service"), ("res_id", "=", self.shop.id)]
        return self.env["clouder.job"].search(domain)

    def _fail(self, job):
        runner = FakeRunner()
        runner.fail("container_ready", CommandFailed(["check"], 1, ""))
        self._run(job, runner)
        self.assertEqual(job.state, "failed")

    def test_a_full_queue_takes_what_an_accepted_order_needs(self):
        job = self.bases[0]._enqueue("deploy")
        self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", 0)
        self._waiting(self.bases[0])
        self.assertEqual(job.awaited_job_id, self.shop.active_job_id)
        self.assertEqual(self.shop.active_job_id.action, "deploy")

    def test_all_that_wait_fail_with_the_service(self):
        jobs = [self._waiting(base) for base in self.bases]
        deployment = self._deployments()
        self.assertEqual([job.awaited_job_id for job in jobs], [deployment] * 3)
        self._fail(deployment)
        for job in jobs:
            self._run(job)
            self.assertEqual(job.state, "failed")
            self.assertIn("does not run", job.error)
            self.assertIn("status 1", job.error)
        self.assertEqual(self._deployments(), deployment, "nobody asked for another")

    def test_a_retry_begins_anew(self):
        job = self._waiting(self.bases[0])
        deployment = self._deployments()
        self._fail(deployment)
        self._run(job)
        again = self.env["clouder.job"].browse(job.retry())
        self.assertFalse(again.awaited_job_id)
        self._waiting(self.bases[0])
        self.assertEqual(again.awaited_job_id, self._deployments() - deployment)

    def test_the_deployment_of_a_part_is_not_that_of_the_service(self):
        part = self.shop._exec_service()
        deployment = part._enqueue("deploy")
        job = self._waiting(self.bases[0])
        self.assertFalse(job.awaited_job_id)
        self._fail(deployment)
        self._waiting(self.bases[0])
        self.assertEqual(job.awaited_job_id, self._deployments())

    def test_what_is_awaited_may_not_be_seen_yet(self):
        """Another worker queued it after this transaction began."""
        unseen = self.env["clouder.job"].browse(10**9)

        def wait(_base):
            raise WaitForJob("Waits.", job=unseen)

        self.patch(type(self.bases[0]), "_ensure_service", wait)
        self._waiting(self.bases[0])
