from unittest import mock

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .life_case import LifeCase

MODULE = "odoo.addons.clouder.models.base_own_service"


@tagged("post_install", "-at_install")
class TestOwnService(LifeCase):
    """A service that was made for one base comes, restarts and goes with it."""

    def setUp(self):
        super().setUp()
        self.watch(
            "base_links",
            "base_withdraw",
            "base_publish",
            "base_ready",
            "base_purge",
            "base_drop_database",
        )
        self.solo = self.base("solo", service=self.shop.browse())
        self.own = self.solo.service_id
        self.process = self.own._exec_service()
        self.own._tree().write(
            {"state": "running", "wanted": "running", "deployed_at": "2026-01-01"}
        )

    def cron(self):
        crons = self.env.registry["ir.cron"]
        with mock.patch.object(crons, "_commit_progress", lambda *_args: 1):
            self.env["clouder.service"]._cron_purge_outliving()
        self.env.invalidate_all()

    def asked(self, service):
        """Return the actions of the jobs of ``service``, the newest first."""
        jobs = self.env["clouder.job"]
        domain = [("res_model", "=", service._name), ("res_id", "=", service.id)]
        return jobs.search(domain, order="id desc").mapped("action")

    def test_a_service_knows_the_base_it_was_made_for(self):
        self.assertEqual(self.own.own_base_id, self.solo)
        self.assertFalse(self.shop.own_base_id)
        self.assertFalse(self.own.copy().own_base_id)

    @mute_logger("odoo.models")
    def test_nobody_marks_a_service_by_hand(self):
        deployer = new_test_user(self.env, "deploys", groups="clouder.group_deployer")
        self.environment.user_ids = deployer
        with self.assertRaises(AccessError):
            self.shop.with_user(deployer).own_base_id = self.solo

    def test_it_goes_with_its_base_and_so_do_its_data(self):
        self.ended(self.solo.purge())
        self.assertEqual(self.asked(self.own), ["purge_data"])
        self.assertEqual(set(self.own._tree().mapped("wanted")), {"purged"})
        fake, error = self._run(self.own.active_job_id)
        self.assertIsNone(error)
        self.assertEqual(set(self.own._tree().mapped("state")), {"purged"})
        self.assertIn("volumes_remove", fake.names())

    def test_a_deletion_whose_grace_is_over_takes_it_along(self):
        self.watch("base_suspend")
        self.solo.request_deletion(0)
        self.ended(self.solo.active_job_id.id)
        self.assertFalse(self.asked(self.own), "it can still be taken back")
        crons = self.env.registry["ir.cron"]
        with mock.patch.object(crons, "_commit_progress", lambda *_args: 1):
            self.env["clouder.base"]._cron_life()
        self.ended(self.solo.active_job_id.id)
        self.assertEqual(self.asked(self.own), ["purge_data"])

    def test_a_service_that_was_not_made_for_it_stays(self):
        base = self.base("guest")
        self.ended(base.purge())
        self.assertFalse(self.asked(self.shop))
        self.assertEqual(self.shop.state, "running")

    def test_a_service_with_other_bases_stays(self):
        for state in ("running", "draft"):
            with self.subTest(state=state):
                guest = self.guest(f"guest-{state}", state)
                self.solo.state = "running"
                self.ended(self.solo.purge())
                self.assertFalse(self.asked(self.own))
                guest.state = "draft"
                guest.unlink()

    def guest(self, name, state="running"):
        """Return a base that somebody put into the own service of the other one."""
        return self.base(name, state, service=self.own)

    def test_a_guest_that_goes_takes_nothing_along(self):
        self.ended(self.guest("guest").purge())
        self.assertFalse(self.asked(self.own))

    def test_a_service_that_others_are_linked_to_stays(self):
        link = self.shop._exec_service().link_ids[:1]
        link.write(
            {
                "tag_id": False,
                "target_application_id": self.own.application_id.id,
                "target": self.own.id,
                "state": "working",
            }
        )
        self.ended(self.solo.purge())
        self.assertFalse(self.asked(self.own))
        self.assertEqual(self.own.wanted, "running")

    def test_one_that_is_busy_goes_later(self):
        update = self.own._enqueue("update")
        with mute_logger(MODULE):
            self.ended(self.solo.purge())
        self.assertEqual(self.solo.state, "purged")
        self.assertEqual(self.asked(self.own), ["update"])
        self.assertIn(self.own, self.env["clouder.service"].search(self._outliving()))
        with mute_logger(MODULE):
            self.cron()
        self.assertEqual(self.asked(self.own), ["update"])
        update._end("done")
        self.cron()
        self.assertEqual(self.asked(self.own), ["purge_data", "update"])
        self.assertTrue(self.own.active_job_id.upkeep)
        self.ended(self.own.active_job_id.id)
        self.assertNotIn(
            self.own, self.env["clouder.service"].search(self._outliving())
        )

    def _outliving(self):
        return self.env["clouder.service"]._outliving()

    def test_one_that_somebody_wants_since_stays(self):
        update = self.own._enqueue("update")
        with mute_logger(MODULE):
            self.ended(self.solo.purge())
        update._end("done")
        job = self.env["clouder.job"].browse(self.own.deploy())
        job._end("done")
        self.cron()
        self.assertEqual(self.asked(self.own), ["deploy", "update"])

    def test_a_purge_that_failed_is_not_asked_for_again_and_again(self):
        self.ended(self.solo.purge())
        self.own.active_job_id._end("failed", "The node is gone.")
        self.cron()
        self.assertEqual(self.asked(self.own), ["purge_data"])

    def test_a_restart_restarts_the_process_of_an_own_service(self):
        job = self.env["clouder.job"].browse(self.solo.restart())
        steps = [(step._record(), step.hook) for step in job.step_ids[:3]]
        self.assertEqual(
            steps,
            [
                (self.solo, "base_service"),
                (self.process, "service_restart"),
                (self.solo, "base_links"),
            ],
        )
        fake, error = self._run(job)
        self.assertIsNone(error)
        self.assertEqual((job.state, self.solo.state), ("done", "running"))
        restarted = [call[1] for call in fake.calls if call[0] == "container_restart"]
        self.assertEqual(restarted, [self.process.name])
        names = fake.names()
        self.assertLess(
            names.index("container_restart"), names.index("container_ready")
        )

    def test_a_restart_leaves_the_process_that_others_use(self):
        self.guest("neighbour")
        for base in (self.base("elsewhere"), self.solo):
            with self.subTest(base=base.name):
                job = self.env["clouder.job"].browse(base.restart())
                fake, error = self._run(job)
                self.assertIsNone(error)
                self.assertEqual(job.state, "done")
                self.assertNotIn("container_restart", fake.names())
                self.assertIn(("base_links", base), self.called)
                self.assertNotIn(("base_withdraw", base), self.called)

    def test_a_restart_starts_no_service_that_was_stopped(self):
        self.own._tree().write({"state": "stopped", "wanted": "stopped"})
        job = self.env["clouder.job"].browse(self.solo.restart())
        fake, _error = self._run(job)
        self.assertEqual(job.state, "failed")
        self.assertIn("start it first", job.error)
        self.assertNotIn("container_restart", fake.names())

    def test_an_own_service_of_a_base_that_lives_cannot_be_purged(self):
        with self.assertRaisesRegex(UserError, "solo.example.test"):
            self.own.purge(data=True)
