import psycopg2.pool

from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from .fake_runner import FakeRunner
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestNodeJobs(HostingCase):
    """A node that holds its jobs up leaves workers to the others."""

    def setUp(self):
        super().setUp()
        there = self.node.copy({"name": "there"})
        self.stuck = [
            self._service(self.app_store, f"db-{number}")._enqueue("deploy")
            for number in range(4)
        ]
        self.next = self._service(self.app_store, "next")._enqueue("deploy")
        self.other = self._service(self.app_store, "other", node_id=there.id)._enqueue(
            "deploy"
        )

    def test_four_stuck_jobs_leave_room_for_another_node(self):
        for job in self.stuck:
            job.state = "running"
        fake, error = self._run(self.next)
        self.assertIsInstance(error, RetryableJobError)
        self.assertTrue(error.ignore_retry)
        self.assertIn("4 jobs run on node here", str(error))
        self.assertEqual(fake.calls, [], "it gives its worker back at once")
        self.assertEqual((self.next.state, self.next.attempts), ("pending", 0))
        _fake, error = self._run(self.other)
        self.assertIsNone(error)
        self.assertEqual(self.other.state, "done")

    def test_it_goes_on_when_there_is_room(self):
        for job in self.stuck[1:]:
            job.state = "running"
        _fake, error = self._run(self.next)
        self.assertIsNone(error)
        self.assertEqual(self.next.state, "done")

    def test_a_job_that_is_taken_up_again_has_its_place(self):
        for job in self.stuck:
            job.state = "running"
        _fake, error = self._run(self.stuck[0])
        self.assertIsNone(error)
        self.assertEqual(self.stuck[0].state, "done")

    def test_the_limit_is_a_setting(self):
        self.env["ir.config_parameter"].set_param("clouder.node_jobs", 1)
        self.stuck[0].state = "running"
        _fake, error = self._run(self.next)
        self.assertIsInstance(error, RetryableJobError)

    def test_many_waiting_jobs_ask_rarely(self):
        self.env["ir.config_parameter"].set_param("clouder.node_jobs", 1)
        self.stuck[0].state = "running"
        self.env["clouder.job"].create(
            [
                {
                    "name": "x",
                    "action": "deploy",
                    "res_model": "clouder.service",
                    "res_id": 10**9 + number,
                    "node_id": self.node.id,
                }
                for number in range(80)
            ]
        )
        _fake, error = self._run(self.next)
        self.assertGreaterEqual(error.seconds, 10)

    def test_a_database_without_a_free_connection_is_tried_again(self):
        runner = FakeRunner()
        runner.fail("container_ensure", psycopg2.pool.PoolError("full"))
        _fake, error = self._run(self.next, runner)
        self.assertIsInstance(error, RetryableJobError)
        self.assertEqual(self.next.state, "retrying")
