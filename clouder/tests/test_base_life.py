import datetime
from unittest import mock

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..lib.errors import CommandFailed
from .life_case import LifeCase

TODAY = "2026-05-10 12:00:00"


@tagged("post_install", "-at_install")
class TestBaseLife(LifeCase):
    """Suspended, resumed, deleted after a time of grace."""

    def setUp(self):
        super().setUp()
        self.watch(
            "base_suspend",
            "base_withdraw",
            "base_links",
            "base_purge",
            "base_drop_database",
        )

    def hooks(self):
        return [hook for hook, _base in self.called]

    def test_suspend_and_resume(self):
        base = self.base()
        job = self.ended(base.suspend("payment"))
        self.assertEqual((job.action, job.state), ("suspend", "done"))
        self.assertEqual((base.state, base.wanted), ("suspended", "suspended"))
        self.assertEqual(base.suspend_reason, "payment")
        self.assertEqual(self.hooks(), ["base_suspend"])
        job = self.ended(base.resume())
        self.assertEqual((job.action, job.state), ("resume", "done"))
        self.assertEqual((base.state, base.wanted), ("running", "running"))
        self.assertFalse(base.suspend_reason)
        self.assertEqual(self.hooks(), ["base_suspend", "base_links"])

    def test_a_stopped_base_keeps_its_links_until_it_is_purged(self):
        base = self.base()
        self.ended(base.stop())
        self.assertEqual((base.state, base.wanted), ("stopped", "stopped"))
        self.assertEqual(self.hooks(), ["base_suspend"])
        self.ended(base.start())
        self.ended(base.restart())
        self.assertEqual(self.hooks(), ["base_suspend", "base_links", "base_links"])
        self.ended(base.stop())
        self.called.clear()
        self.ended(base.purge())
        self.assertEqual(
            self.hooks(), ["base_withdraw", "base_purge", "base_drop_database"]
        )

    def test_suspending_again_keeps_the_reason(self):
        base = self.base()
        self.ended(base.suspend("trial"))
        self.ended(base.suspend())
        self.assertEqual((base.state, base.suspend_reason), ("suspended", "trial"))

    def test_what_cannot_be_suspended_or_resumed(self):
        base = self.base()
        for ask, words in (
            (lambda: base.suspend("because; DROP"), "no reason"),
            (base.resume, "not suspended"),
            (base.cancel_deletion, "Nobody asked"),
            (lambda: base.request_deletion(-1), "number of days"),
            (lambda: base.request_deletion(10**9), "number of days"),
            (lambda: base.request_deletion("7; DROP"), "number of days"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                ask()
        base.write({"state": "draft", "wanted": "draft"})
        with self.assertRaisesRegex(UserError, "not deployed"):
            base.suspend()

    def test_nothing_is_copied_from_a_base_without_data(self):
        base, source = self.base(), self.base("source")
        source.write({"state": "purged", "deployed_at": False})
        base.reset_id = source
        for ask in (base.reset, lambda: base.reset(source.id)):
            with self.assertRaisesRegex(UserError, "Nothing can be copied"):
                ask()
        base.reset_each_day = True
        self.cron("_cron_reset")
        self.assertFalse(base.active_job_id)
        source.write({"state": "running", "deployed_at": "2026-01-01"})
        self.env.invalidate_all()
        self.cron("_cron_reset")
        self.assertEqual(base._busy_jobs().action, "reset")

    def test_nothing_brings_a_suspended_base_back_but_resume(self):
        base = self.base(state="suspended", reset_id=self.base("other").id)
        for verb in ("deploy", "apply", "start", "stop", "restart", "reset"):
            with self.subTest(verb), self.assertRaisesRegex(UserError, "resume it"):
                getattr(base, verb)()
        self.assertEqual(base.wanted, "suspended")

    def test_new_code_leaves_a_suspended_base_suspended(self):
        self.watch("base_update")
        base = self.base(state="suspended")
        self.ended(base.upgrade())
        self.assertEqual((base.state, base.wanted), ("suspended", "suspended"))
        self.assertEqual(self.hooks(), ["base_update"])

    def test_a_suspension_that_fails_can_be_retried(self):
        def fail(*_args):
            raise CommandFailed(["nginx"], 1, "")

        base = self.base()
        with mock.patch.object(self.driver, "base_suspend", fail):
            job = self.ended(base.suspend("payment"))
        self.assertEqual((job.state, base.state), ("failed", "failed"))
        self.assertEqual(base.wanted, "suspended")
        self.ended(job.retry())
        self.assertEqual((base.state, base.suspend_reason), ("suspended", "payment"))

    def test_a_base_that_never_ran_is_resumed_by_deploying_it(self):
        base = self.base(state="failed", deployed_at=False, wanted="running")
        self.ended(base.suspend())
        job = self.env["clouder.job"].browse(base.resume())
        self.assertEqual(job.action, "deploy")

    @freeze_time(TODAY)
    def test_deletion_with_grace(self):
        base = self.base()
        day = base.request_deletion()
        self.assertEqual(day, datetime.date(2026, 5, 17))
        self.ended(base.active_job_id.id)
        self.assertEqual((base.state, base.suspend_reason), ("suspended", "deletion"))
        self.assertEqual(base.delete_on, day)
        self.assertEqual(base.request_deletion(0), datetime.date(2026, 5, 10))
        self.ended(base.cancel_deletion())
        self.assertEqual((base.state, base.delete_on), ("running", False))

    @freeze_time(TODAY)
    def test_a_deletion_whose_suspension_is_cancelled_is_taken_back(self):
        base = self.base()
        base.request_deletion()
        base.active_job_id.cancel()
        self.assertEqual((base.state, base.wanted), ("running", "running"))
        self.assertEqual((base.delete_on, base.suspend_reason), (False, False))

    @freeze_time(TODAY)
    def test_a_deletion_that_suspends_nothing_is_taken_back(self):
        base = self.base(delete_on=TODAY, suspend_reason="deletion")
        self.assertFalse(base.cancel_deletion())
        self.assertEqual((base.delete_on, base.suspend_reason), (False, False))
        self.assertFalse(base.active_job_id)

    @freeze_time(TODAY)
    def test_what_could_not_be_suspended_is_deleted_all_the_same(self):
        base = self.base(delete_on=TODAY, suspend_reason="deletion", wanted="suspended")
        self.cron()
        self.assertEqual(base.active_job_id.action, "purge")

    @freeze_time(TODAY)
    def test_grace_comes_from_the_settings(self):
        self.env["ir.config_parameter"].set_param("clouder.deletion_grace_days", "30")
        base = self.base()
        self.assertEqual(base.request_deletion(), datetime.date(2026, 6, 9))

    @freeze_time(TODAY)
    def test_who_was_suspended_before_stays_so_when_the_deletion_is_taken_back(self):
        base = self.base()
        self.ended(base.suspend("payment"))
        base.request_deletion()
        self.assertEqual(base.suspend_reason, "payment")
        self.assertFalse(base.cancel_deletion())
        self.assertEqual((base.state, base.delete_on), ("suspended", False))
        self.assertFalse(base.active_job_id)

    @freeze_time(TODAY)
    def test_taking_a_deletion_back_is_no_way_out_of_a_trial(self):
        base = self.base(trial_end="2026-05-09")
        base.request_deletion()
        self.ended(base.active_job_id.id)
        self.assertEqual(base.suspend_reason, "deletion")
        told = base.action_cancel_deletion()
        self.assertIn("The trial is over", told["params"]["message"])
        self.assertFalse(base.active_job_id)
        self.assertEqual((base.state, base.wanted), ("suspended", "suspended"))
        self.assertEqual((base.suspend_reason, base.delete_on), ("trial", False))
        self.assertEqual(base.trial_end, datetime.date(2026, 5, 9))
        self.ended(base.resume())
        self.assertEqual((base.state, base.trial_end), ("running", False))

    @freeze_time(TODAY)
    def test_a_trial_that_goes_on_comes_back_with_its_end(self):
        base = self.base(trial_end="2026-05-10")
        base.request_deletion()
        self.ended(base.active_job_id.id)
        self.ended(base.cancel_deletion())
        self.assertEqual(base.state, "running")
        self.assertEqual(base.trial_end, datetime.date(2026, 5, 10))

    @freeze_time(TODAY)
    def test_cron_suspends_at_the_end_of_the_trial_once(self):
        over = self.base(trial_end="2026-05-09")
        last_day = self.base("last", trial_end="2026-05-10")
        stopped = self.base("stopped", "stopped", trial_end="2026-05-01")
        self.cron()
        self.assertEqual(over.wanted, "suspended")
        self.assertEqual(over.suspend_reason, "trial")
        self.assertEqual((last_day.wanted, stopped.wanted), ("running", "stopped"))
        self.ended(over.active_job_id.id)
        self.cron()
        self.assertEqual(over.job_count, 1)
        self.ended(over.resume())
        self.cron()
        self.assertEqual((over.state, over.trial_end), ("running", False))

    @freeze_time(TODAY)
    def test_cron_asks_again_for_a_suspension_that_failed(self):
        def fail(*_args):
            raise CommandFailed(["nginx"], 1, "")

        base = self.base(trial_end="2026-05-09")
        with mock.patch.object(self.driver, "base_suspend", fail):
            for count in (1, 2):
                self.cron()
                self.ended(base.active_job_id.id)
                self.assertEqual(base.job_count, count)
                self.assertEqual((base.state, base.wanted), ("failed", "suspended"))
        self.cron()
        self.cron()
        self.assertEqual(base.job_count, 3, "one that waits is not asked for twice")
        self.ended(base.active_job_id.id)
        self.assertEqual((base.state, base.suspend_reason), ("suspended", "trial"))
        self.cron()
        self.assertEqual(base.job_count, 3)

    def test_a_stop_is_not_undone_by_a_deletion_that_is_taken_back(self):
        for state in ("stopped", "failed"):
            with self.subTest(state=state):
                base = self.base(f"was-{state}", state, wanted="stopped")
                base.request_deletion()
                self.ended(base.active_job_id.id)
                self.assertFalse(base.cancel_deletion())
                self.assertFalse(base.delete_on)
                self.assertEqual((base.state, base.wanted), ("suspended", "suspended"))
                self.ended(base.resume())
                self.assertEqual(base.state, "running")

    def test_cron_asks_again_for_a_stop_that_failed(self):
        def fail(*_args):
            raise CommandFailed(["nginx"], 1, "")

        base = self.base()
        with mock.patch.object(self.driver, "base_suspend", fail):
            self.ended(base.stop())
        self.assertEqual((base.state, base.wanted), ("failed", "stopped"))
        self.cron()
        self.ended(base.active_job_id.id)
        self.assertEqual((base.state, base.wanted), ("stopped", "stopped"))
        self.cron()
        self.assertEqual(base.job_count, 2)

    def test_cron_settles_what_runs_against_the_will(self):
        for wanted, state in (("suspended", "suspended"), ("stopped", "stopped")):
            with self.subTest(wanted=wanted):
                base = self.base(wanted, "running", wanted=wanted)
                self.cron()
                self.ended(base.active_job_id.id)
                self.assertEqual(base.state, state)

    def cron(self, name="_cron_life"):
        crons = self.env.registry["ir.cron"]
        with mock.patch.object(crons, "_commit_progress", lambda *_a, **_k: 1):
            getattr(self.env["clouder.base"], name)()
        self.env.invalidate_all()

    @freeze_time(TODAY)
    def test_cron_purges_when_the_grace_is_over_once(self):
        due, later = self.base(), self.base("later")
        for base, days in ((due, 0), (later, 1)):
            base.request_deletion(days)
            self.ended(base.active_job_id.id)
        self.cron()
        self.assertEqual((due.wanted, later.wanted), ("purged", "suspended"))
        with self.assertRaisesRegex(UserError, "cannot be turned back"):
            due.cancel_deletion()
        with self.assertRaisesRegex(UserError, "cannot be turned back"):
            due.resume()
        self.ended(due.active_job_id.id)
        self.assertEqual((due.state, due.delete_on), ("purged", False))
        self.cron()
        self.assertFalse(due.active_job_id)

    @freeze_time(TODAY)
    def test_a_resumed_base_is_not_purged(self):
        base = self.base()
        base.request_deletion(0)
        self.ended(base.active_job_id.id)
        self.ended(base.resume())
        self.cron()
        self.assertEqual((base.state, base.wanted), ("running", "running"))

    @freeze_time(TODAY)
    def test_cron_goes_on_after_a_base_that_is_busy(self):
        busy, other = self.base(), self.base("other")
        (busy | other).write({"trial_end": "2026-05-01"})
        busy.restart()
        self.cron()
        self.assertEqual((busy.wanted, other.wanted), ("running", "suspended"))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_who_may(self):
        base = self.base()
        reader = new_test_user(self.env, "reader", groups="clouder.group_user")
        stranger = new_test_user(self.env, "other", groups="clouder.group_deployer")
        deployer = new_test_user(self.env, "deploys", groups="clouder.group_deployer")
        self.environment.user_ids = [Command.set([reader.id, deployer.id])]
        for user in (reader, stranger):
            known = base.with_user(user)
            for ask in (known.suspend, known.request_deletion, known.resume):
                with self.assertRaises(AccessError):
                    ask()
        with self.assertRaises(AccessError):
            base.with_user(deployer).suspend_reason = "manual"
        self.ended(base.with_user(deployer).suspend())
        self.assertEqual(base.state, "suspended")
