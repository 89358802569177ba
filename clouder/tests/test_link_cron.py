"""The crons that look after links: whose turn it is, and how much one run does."""

from unittest import mock

from odoo import fields
from odoo.tests import tagged

from ..lib.errors import EngineUnreachable
from ..models import link_probe
from .fake_runner import fake_runner
from .link_case import LinkCase


@tagged("post_install", "-at_install")
class TestLinkCron(LinkCase):
    """The crons give every target its turn."""

    MANY = 30

    def setUp(self):
        super().setUp()
        self.dead, self.alive = self._target("proxy"), self._target("mail")
        bases = [self._base(f"many{number}") for number in range(self.MANY)]
        links = self.env["clouder.base.link"]
        self.links = links.union(*(self._link(base, "proxy") for base in bases))
        self.one = self._link(bases[0], "mail")
        (self.links | self.one).write({"state": "working"})
        self.env["ir.config_parameter"].set_param("clouder.link_minutes", False)
        every = links.search([("base_id", "in", [base.id for base in bases])])
        (every - self.links - self.one).off = True
        self.shop._tree().link_ids.off = True
        self.links.write({"probed_at": "2026-01-01 00:00:00"})
        self.one.write({"probed_at": "2026-01-02 00:00:00"})
        self.progress = []
        self.left = 60
        self.patch(self.env.registry["ir.cron"], "_commit_progress", self._progress)

    def _progress(self, processed=0, *, remaining=None, deactivate=False):
        self.progress.append((processed, remaining))
        return self.left

    def _probe(self, probe, dead="It ended."):
        """Run the cron once; return the links that were really looked at, in order."""
        looks = []

        def look(_driver, link):
            looks.append(link)
            if link.target == self.dead:
                probe()

        services = self.env.registry["clouder.service"]
        why = mock.Mock(side_effect=lambda _seconds: dead)
        with (
            mock.patch.object(self.env.registry["clouder.driver"], "link_probe", look),
            mock.patch.object(services, "_why_dead", lambda _self, s: why(s)),
        ):
            self.env["clouder.base.link"]._cron_probe()
        self.assertLessEqual(why.call_count, 1)
        return looks

    def _fail(self):
        raise EngineUnreachable("Nobody answers.")

    def test_one_look_marks_all_links_of_a_dead_target(self):
        looks = self._probe(self._fail)
        self.assertEqual(len(looks), 2)
        self.assertIn(self.one, looks)
        self.assertEqual(set(self.links.mapped("state")), {"broken"})
        self.assertEqual(self.one.state, "working")
        self.assertEqual(self.progress[0], (0, self.MANY + 1))
        self.assertEqual(sum(done for done, _left in self.progress), self.MANY + 1)
        self.progress.clear()
        self.assertFalse(self._probe(self._fail), "not looked at again at once")
        self.assertEqual(self.progress, [(0, 0)])

    def test_a_target_that_takes_all_the_time_is_last_the_next_time(self):
        self.left = 0
        self.assertEqual(len(self._probe(self._fail, dead="")), 1)
        self.assertNotEqual(self.one.probed_at, fields.Datetime.now())
        self.assertEqual(self._probe(self._fail, dead=""), [self.one])

    def test_slow_links_of_a_target_wait_for_the_others(self):
        self.patch(
            self.env.registry["clouder.base.link"], "_probe_seconds", lambda *args: 0
        )
        clock = iter(range(0, 100_000, 100))
        with mock.patch("time.monotonic", lambda: next(clock)):
            looks = self._probe(self._fail, dead="")
        self.assertEqual([one.target for one in looks], [self.dead, self.alive])

    def _pending(self):
        """Return when the cron comes back before its time."""
        cron = self.env.ref("clouder.clouder_link_cron_probe")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        return triggers.mapped("call_at")

    def test_a_minute_has_so_many_looks_at_most(self):
        self.patch(link_probe, "PER_MINUTE", 15)
        looks = self._probe(lambda: None)
        self.assertEqual(len(looks), 15)
        self.assertIn(self.one, looks, "none takes the looks of the others")
        self.assertEqual(self.progress[0], (0, self.MANY + 1))
        self.assertEqual(self.progress[-1], (0, 0), "Odoo repeats nothing")
        [soon] = self._pending()
        self.assertGreater(soon, fields.Datetime.now())
        again = self._probe(lambda: None)
        self.assertEqual(len(again), 15)
        self.assertFalse(set(again) & set(looks))
        self.assertEqual(self._pending(), [soon], "not twice in the same minute")

    def test_nothing_left_is_no_reason_to_come_back(self):
        self.assertEqual(len(self._probe(lambda: None)), self.MANY + 1)
        self.assertFalse(self._pending())

    def test_many_links_are_looked_at_less_often(self):
        minutes = fields.Datetime.subtract(fields.Datetime.now(), minutes=6)
        for most, setting, due in (
            (3, False, False),
            (60, False, True),
            (3, "5", True),
        ):
            with self.subTest(most=most, setting=setting):
                (self.links | self.one).write({"probed_at": minutes})
                self.patch(link_probe, "PER_MINUTE", most)
                self.env["ir.config_parameter"].set_param(link_probe.MINUTES, setting)
                self.assertEqual(bool(self._probe(lambda: None)), due)

    def test_a_probe_of_the_cron_waits_short(self):
        seconds = []
        self._hook(
            "link_probe", lambda _self, link: seconds.append(link._probe_seconds(60))
        )
        self.env["clouder.base.link"]._cron_probe()
        self.assertEqual(set(seconds), {10})
        self.assertEqual(self.one._probe_seconds(60), 60)

    def test_what_a_job_changes_is_left_to_it(self):
        self.one.base_id._enqueue("deploy")
        looks = self._probe(lambda: None)
        self.assertNotIn(self.one, looks)
        self.assertNotIn(self.links[0], looks)
        self.alive._enqueue("restart")
        self.links.write({"probed_at": False})
        self.assertEqual(self._probe(lambda: None)[0].target, self.dead)

    def test_the_crons_say_how_much_is_left(self):
        (self.links | self.one).write({"state": "withdrawing", "probed_at": False})
        self.env["clouder.base.link"]._cron_withdraw()
        self.assertEqual(self.progress[0], (0, self.MANY + 1))
        self.assertTrue(all(self.links.mapped("active_job_id")))
        self.progress.clear()
        self.env["clouder.base.link"]._cron_withdraw()
        self.assertEqual(self.progress, [(0, 0)])
        self.progress.clear()
        self.links.write({"state": "waiting", "next_try": False})
        with fake_runner(self.env):
            self.env["clouder.base.link"]._cron_fill()
        self.assertEqual(self.progress[0], (0, self.MANY))

    def test_each_task_has_a_cron_of_its_own(self):
        self.patch(self.env.registry["ir.cron"], "_commit_progress", self.commit)
        (self.links - self.links[:3]).off = True
        self.links[0].state = "withdrawing"
        self.links[1].state = "broken"
        self.env["ir.config_parameter"].set_param("clouder.link_minutes", "0")
        self.env.flush_all()
        for task in ("withdraw", "fill", "probe"):
            cron = self.env.ref(f"clouder.clouder_link_cron_{task}")
            with self.enter_registry_test_mode(), fake_runner(self.env):
                self.assertIs(cron.method_direct_trigger(), True, task)
            self.env.invalidate_all()
        actions = self.links[:3].mapped("active_job_id.action")
        self.assertEqual(sorted(actions), ["deploy", "withdraw"])
        self.assertNotEqual(str(self.one.probed_at), "2026-01-02 00:00:00")
