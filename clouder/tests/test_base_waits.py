from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from ..models.job_run import WaitForJob
from .life_case import LifeCase


@tagged("post_install", "-at_install")
class TestBaseWaits(LifeCase):
    """A base whose service does not run has it deployed, and waits for it."""

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

    def test_a_full_queue_takes_what_an_accepted_order_needs(self):
        job = self.bases[0]._enqueue("deploy")
        self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", 0)
        self._waiting(self.bases[0])
        self.assertEqual(job.awaited_job_id, self.shop.active_job_id)
        self.assertEqual(self.shop.active_job_id.action, "deploy")

    def test_what_is_awaited_may_not_be_seen_yet(self):
        """Another worker queued it after this transaction began."""
        unseen = self.env["clouder.job"].browse(10**9)

        def wait(_base):
            raise WaitForJob("Waits.", job=unseen)

        self.patch(type(self.bases[0]), "_ensure_service", wait)
        self._waiting(self.bases[0])
