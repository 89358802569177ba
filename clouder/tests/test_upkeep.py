import datetime

from odoo import fields
from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job

from ..models.job_queue import PRIORITY, UPKEEP_PRIORITY, QueueFull
from .life_case import LifeCase


@tagged("post_install", "-at_install")
class TestUpkeep(LifeCase):
    """What scheduled actions ask for in bulk comes after what people ask for."""

    def setUp(self):
        super().setUp()
        self.store.write({"state": "running", "deployed_at": "2026-01-01"})
        self.patch(self.driver, "service_code", lambda _self, _service: "new")
        self.watch("base_update", "base_ready", "base_follow")

    def _limit(self, limit):
        self.env["ir.config_parameter"].set_param("clouder.job_queue_limit", limit)

    def _cron(self, name):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"clouder.clouder_{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _behind(self, count=4):
        return [self.base(f"b{number}", code_digest="old") for number in range(count)]

    def _triggers(self, name):
        cron = self.env.ref(f"clouder.clouder_{name}")
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

    def test_an_order_comes_before_queued_updates(self):
        bases = self._behind()
        self._cron("base_cron_follow")
        for base in bases:
            self.assertTrue(base.active_job_id.upkeep)
            self.assertEqual(base.active_job_id._queued().priority, UPKEEP_PRIORITY)
        order = self.base("order", "draft")._enqueue("deploy")
        self.assertFalse(order.upkeep)
        self.assertEqual(order._queued().priority, PRIORITY)
        self.assertLess(PRIORITY, UPKEEP_PRIORITY)

    def test_each_scheduled_action_says_that_it_is_upkeep(self):
        source = self.base("source")
        reset = self.base("reset", reset_id=source.id, reset_each_day=True)
        self._cron("base_cron_reset")
        trial = self.base("trial", trial_end="2026-01-01")
        self._cron("base_cron_life")
        process = self.shop._exec_service()
        process.write(
            {"state": "running", "wanted": "running", "deployed_at": "2026-01-01"}
        )
        self._cron("service_cron_update")
        for record, action in (
            (reset, "reset"),
            (trial, "suspend"),
            (process, "update"),
        ):
            job = record.active_job_id
            self.assertEqual((job.action, job.upkeep), (action, True))

    def test_a_service_that_is_updated_by_hand_updates_its_bases_as_upkeep(self):
        self._limit(4)
        bases = self._behind()
        files = self.shop.child_ids.filtered(lambda one: one._form() == "files")
        files._update_bases()
        jobs = [base.active_job_id for base in bases]
        self.assertEqual([job.upkeep for job in jobs], [True, True, False, False])

    def test_upkeep_stops_at_half_of_the_queue(self):
        self._limit(4)
        bases = self._behind()
        self._cron("base_cron_follow")
        queued = [bool(base.active_job_id) for base in bases]
        self.assertEqual(queued, [True, True, False, False])
        with self.assertRaisesRegex(QueueFull, "Half of the job queue"):
            bases[2]._for_upkeep()._enqueue("update")
        for base in bases[2:]:
            self.assertFalse(base._enqueue("restart").upkeep)
        with self.assertRaisesRegex(QueueFull, "queue is full"):
            self.base("late")._enqueue("restart")

    def test_what_has_no_room_at_night_is_asked_for_later(self):
        self._limit(4)
        source = self.base("source")
        bases = [
            self.base(f"b{number}", reset_id=source.id, reset_each_day=True)
            for number in range(3)
        ]
        self._cron("base_cron_reset")
        first = [base.active_job_id for base in bases]
        self.assertEqual([job.action for job in first], ["reset", "reset", False])
        self.assertEqual(self._triggers("base_cron_reset"), 1)
        first[0]._end("failed", "It broke.")
        self._cron("base_cron_reset")
        self.assertFalse(bases[0].active_job_id, "it had its turn")
        self.assertEqual(bases[2].active_job_id.action, "reset")

    def _ended(self, bases):
        for base in bases:
            base.active_job_id._end("failed", "It broke.")

    def _age(self, **time):
        """Have it be so long ago that the jobs until now were asked for."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clouder_job SET create_date = create_date - %s",
            [datetime.timedelta(**time)],
        )
        self.env.invalidate_all()

    def _asked(self, bases):
        return [base.name for base in bases if base.active_job_id]

    def test_a_turn_lasts_until_the_next_one_is_due(self):
        cron = self.env.ref("clouder.clouder_base_cron_reset")
        source, now = self.base("source"), fields.Datetime.now()
        base = self.base("reset", reset_id=source.id, reset_each_day=True)
        self._cron("base_cron_reset")
        self._ended(base)
        self._age(hours=20)
        for due, asked in ((2, []), (5, ["reset"])):
            cron.nextcall = now + datetime.timedelta(hours=due)
            self._cron("base_cron_reset")
            self.assertEqual(self._asked(base), asked, f"due in {due} hours")

    def test_who_had_no_turn_comes_first_in_the_next_one(self):
        self._limit(4)
        source = self.base("source")
        bases = [
            self.base(name, reset_id=source.id, reset_each_day=True) for name in "abc"
        ]
        for asked in ("ab", "ca"):
            self._cron("base_cron_reset")
            self.assertEqual(set(self._asked(bases)), set(asked))
            self._ended([base for base in bases if base.active_job_id])
            self._age(days=1)

    def test_one_that_is_busy_does_not_keep_the_others_from_their_reset(self):
        source = self.base("source")
        busy, other = [
            self.base(name, reset_id=source.id, reset_each_day=True)
            for name in ("busy", "other")
        ]
        busy._enqueue("restart")
        with self.assertLogs("odoo.addons.clouder.models.job_upkeep", "WARNING"):
            self._cron("base_cron_reset")
        self.assertEqual(other.active_job_id.action, "reset")

    def test_who_asks_for_the_same_makes_it_his(self):
        [base] = self._behind(1)
        job = base._for_upkeep()._enqueue("update")
        base._for_upkeep()._enqueue("update")
        self.assertTrue(job.upkeep)
        self.assertEqual(base._enqueue("update"), job)
        self.assertFalse(job.upkeep)
        self.assertEqual(job._queued().priority, PRIORITY)

    def test_what_somebody_waits_for_is_his(self):
        [base] = self._behind(1)
        self.shop._tree().write({"state": "failed"})
        job = self.shop._for_upkeep()._enqueue("update")
        own = base._for_upkeep()._enqueue("deploy")
        self._run(own)
        self.assertTrue(job.upkeep, "upkeep waits for upkeep")
        own.upkeep = False
        _fake, error = self._run(own)
        self.assertIsInstance(error, RetryableJobError)
        self.assertFalse(job.upkeep)
        self.assertEqual(job._queued().priority, PRIORITY)

    def test_one_place_on_a_node_is_kept_free(self):
        upkeep = [base._for_upkeep()._enqueue("update") for base in self._behind(5)]
        order = self.base("order")._enqueue("restart")
        self.watch("base_withdraw", "base_publish", "base_links")
        for job in upkeep[:3]:
            job.state = "running"
        _fake, error = self._run(upkeep[3])
        self.assertIsInstance(error, RetryableJobError)
        self.assertIn("3 jobs run on node here", str(error))
        _fake, error = self._run(order)
        self.assertNotIsInstance(error, RetryableJobError)
        self.assertEqual(order.state, "done", order.error)

    def test_upkeep_runs_where_there_is_one_place(self):
        self.env["ir.config_parameter"].set_param("clouder.node_jobs", 1)
        first, second = [
            base._for_upkeep()._enqueue("update") for base in self._behind(2)
        ]
        first.state = "running"
        _fake, error = self._run(second)
        self.assertIsInstance(error, RetryableJobError)
        self._run(first)
        self.assertEqual(first.state, "done", first.error)

    def test_what_people_wait_for_does_not_ask_rarely_because_of_upkeep(self):
        self.env["ir.config_parameter"].set_param("clouder.node_jobs", 1)
        self.base("one")._enqueue("restart").state = "running"
        self.env["clouder.job"].create(
            [
                {
                    "name": "x",
                    "action": "update",
                    "res_model": "clouder.base",
                    "res_id": 10**9 + number,
                    "node_id": self.node.id,
                    "upkeep": True,
                }
                for number in range(80)
            ]
        )
        _fake, error = self._run(self.base("two")._enqueue("restart"))
        self.assertEqual(error.seconds, 1)
        _fake, error = self._run(self.base("three")._for_upkeep()._enqueue("update"))
        self.assertGreaterEqual(error.seconds, 10)

    def test_a_job_that_is_put_off_keeps_its_priority(self):
        self.env["ir.config_parameter"].set_param("clouder.node_jobs", 1)
        self.base("one")._enqueue("restart").state = "running"
        [base] = self._behind(1)
        job = base._for_upkeep()._enqueue("update")
        _fake, error = self._run(job)
        self.assertIsInstance(error, RetryableJobError)
        queued = Job.load(self.env, job.queue_uuid)
        queued.postpone(seconds=error.seconds)
        queued.set_pending(reset_retry=False)
        queued.store()
        self.assertEqual(job._queued().priority, UPKEEP_PRIORITY)
