"""Links that do not work: what fails because of them, who is told, who tries again."""

from odoo import fields
from odoo.tests import tagged

from ..lib.errors import (
    ContainerStopped,
    EngineRefused,
    EngineUnreachable,
    JobCancelled,
)
from .fake_runner import fake_runner
from .link_case import LinkCase

AWAY = EngineUnreachable("Nobody answers.")


@tagged("post_install", "-at_install")
class TestBrokenLink(LinkCase):
    """One base with a link that breaks in all the ways there are."""

    def setUp(self):
        super().setUp()
        self.target = self._target("dns")
        self.base = self._base()
        self.link = self._link(self.base, "dns")
        self._hook("base_create_database", lambda _self, _base: None)
        self.ready = self._hook("base_ready", lambda _self, _base: None)

    def _deploy_base(self):
        job = self.base._enqueue("deploy")
        self._run(job)
        return job

    def _cron_fill(self):
        with fake_runner(self.env) as fake:
            self.env["clouder.base.link"]._cron_fill()
        return fake

    def _ready(self):
        """Have the turn of the link in the cron come at once."""
        self.link.next_try = False

    def _new_base(self, required):
        """Return the job of a first deployment that met a dead target."""
        self.base.write({"state": "draft", "deployed_at": False})
        self.link.required = required
        return self._deploy_base()

    def test_a_dead_optional_target_fails_no_deployment(self):
        for hook in ("link_provide", "link_publish"):
            with self.subTest(hook=hook):
                self._hook(hook, AWAY)
                links = self.env.registry["clouder.base.link"]
                self.patch(links, "_is_published", lambda one: bool(one.target))
                job = self._new_base(required=False)
                self.assertEqual(job.state, "done")
                self.assertEqual(self.base.state, "running")
                self.assertEqual(self.link.state, "broken")
                self.assertEqual(self.link.reason, "Nobody answers.")
                self.assertTrue(self.link.next_try)

    def test_a_required_one_does_and_is_named(self):
        self._hook("link_provide", EngineRefused("No, because."))
        job = self._new_base(required=True)
        self.assertEqual((job.state, job.error), ("failed", "No, because."))
        link = self.link
        self.assertEqual((link.state, link.reason), ("broken", "No, because."))
        self.assertTrue(link.probed_at)
        self.assertIn("No, because.", self.base.activity_ids.note)
        other = self._running(self._service(self.apps["dns"], "dns2"))
        link.target = other
        self.assertEqual(link.target, other, "nothing is left at the former one")

    def test_a_required_one_whose_probe_fails_is_named(self):
        self._hook("link_probe", EngineRefused("It is deaf."))
        job = self._new_base(required=True)
        self.assertEqual(job.state, "failed")
        self.assertEqual((self.link.state, self.link.reason), ("broken", "It is deaf."))

    def test_another_failure_is_not_the_links(self):
        self.ready.side_effect = EngineRefused("It does not start.")
        self.link.required = True
        job = self._deploy_base()
        self.assertEqual(job.error, "It does not start.")
        self.assertNotEqual(self.link.state, "broken")

    def test_a_broken_optional_link_is_set_up_again(self):
        provide = self._hook("link_provide", AWAY)
        self.base.link_ids._deploy_all()
        self.assertEqual((self.link.state, self.link.failures), ("broken", 1))
        self._cron_fill()
        self.assertFalse(self.link.active_job_id, "it was tried a moment ago")
        self._ready()
        self._cron_fill()
        for _try in range(3):
            self._run_next(self.link, "deploy")
        self.assertFalse(self.link.active_job_id, "no job tries for an hour")
        self.assertEqual((self.link.state, self.link.failures), ("broken", 2))
        wait = self.link.next_try - fields.Datetime.now()
        self.assertGreater(wait.total_seconds(), 600, "it waits longer each time")
        provide.side_effect = lambda _self, _link: {}
        self.target._links_found()
        self._cron_fill()
        self.assertTrue(self.link._busy_jobs().upkeep)
        self._run_next(self.link, "deploy")
        self.assertEqual((self.link.state, self.link.failures), ("working", 0))

    def test_a_required_or_withdrawn_one_is_left_alone(self):
        self.link._note("broken", "Nobody answers.")
        for values in ({"required": True}, {"off": True}):
            self.link.write({"required": False, "off": False, **values})
            self._cron_fill()
            self.assertFalse(self.link.active_job_id, values)

    def test_while_the_target_is_dead_nothing_is_queued(self):
        self.link._note("broken", "Nobody answers.")
        stopped = ContainerStopped("It ended.")
        services = self.env.registry["clouder.service"]
        self.patch(services, "_why_dead", lambda *args: str(stopped))
        self._cron_fill()
        self.assertFalse(self.link.active_job_id)
        self.assertTrue(self.link.next_try)

    def test_what_was_never_set_up_is_not_well_because_nobody_complains(self):
        self._hook("link_provide", AWAY)
        self.base.link_ids._deploy_all()
        self.env["clouder.base.link"]._cron_probe()
        self.assertEqual(self.link.state, "broken")
        job = self._done(self.link, "probe")
        self.assertEqual((job.state, job.error), ("failed", "Nobody answers."))

    def test_the_link_of_a_base_that_is_gone_is_not_set_up(self):
        provide = self._hook("link_provide", lambda _self, _link: {})
        cases = ({"wanted": "purged"}, {"deployed_at": False})
        for values in cases:
            with self.subTest(values=values):
                self.base.write({"wanted": "running", "deployed_at": "2026-01-01"})
                job = self.link._enqueue("deploy")
                self.base.write(values)
                self._run(job)
                self.assertEqual(job.state, "done")
                provide.assert_not_called()
                self.assertEqual(self.link.state, "waiting")
        self.base.write({"wanted": "running", "deployed_at": "2026-01-01"})
        job = self.link._enqueue("deploy")
        self.link.off = True
        self._run(job)
        provide.assert_not_called()

    def test_the_link_of_a_base_that_rests_is_looked_at_and_set_up_again(self):
        probe = self._hook("link_probe", None)
        for state in ("suspended", "stopped"):
            with self.subTest(state=state):
                self.base.write({"state": state, "wanted": state})
                self.link._note("working")
                probe.side_effect = EngineRefused("It is open.")
                with fake_runner(self.env):
                    self.env["clouder.base.link"]._cron_probe()
                self.assertEqual(self.link.reason, "It is open.")
                probe.side_effect = None
                self._ready()
                self._cron_fill()
                self._run_next(self.link, "deploy")
                self.assertEqual(self.link.state, "working")

    def test_a_base_that_could_not_be_closed_is_when_its_target_is_back(self):
        links = self.env.registry["clouder.base.link"]
        self.patch(links, "_is_published", lambda one: bool(one.target))
        self._done(self.link, "deploy")
        publish = self._hook("link_publish", AWAY)
        job = self.env["clouder.job"].browse(self.base.suspend("payment"))
        self._run(job)
        self.assertEqual((job.state, self.base.state), ("done", "suspended"))
        self.assertEqual(self.link.state, "broken")
        publish.side_effect = None
        self.target._links_found()
        self._cron_fill()
        self._run_next(self.link, "deploy")
        self.assertEqual(self.link.state, "working")
        self.assertEqual(publish.call_count, 2)

    def test_what_a_suspension_still_changes_is_not_looked_at(self):
        self.link._note("working")
        probe = self._hook("link_probe", None)
        self.base.suspend()
        self.env["clouder.base.link"]._cron_probe()
        probe.assert_not_called()

    def test_the_link_of_a_stopped_service_is_left_alone(self):
        link = self.shop._exec_service().link_ids[:1]
        link.write({"target": self.store.id, "required": False})
        link._note("broken", "Nobody answers.")
        self.shop._tree().write({"state": "stopped", "wanted": "stopped"})
        self._cron_fill()
        self.assertFalse(link.active_job_id)

    def test_what_builds_on_a_withdrawn_link_of_a_purged_base_is_left(self):
        self._target("mail")
        mail = self._link(self._base("other"), "mail")
        dns = self._link(mail.base_id, "dns")
        self._hook(
            "link_after", lambda _self, link: mail if link == dns else link.browse()
        )
        provide = self._hook("link_provide", lambda _self, _link: {})
        mail.base_id.write({"wanted": "purged", "state": "purged"})
        mail.state = "withdrawing"
        self._done(mail, "withdraw")
        self.assertEqual(mail.state, "withdrawn")
        provide.assert_not_called()

    def test_the_probe_button_tells_what_it_saw(self):
        self._done(self.link, "deploy")
        self.assertEqual(self.link.state, "working")
        self.link.probed_at = False
        self._hook("link_probe", AWAY)
        job = self._done(self.link, "probe")
        self.assertEqual(job.state, "failed", "it looks once")
        self.assertEqual(self.link.state, "broken")
        self.assertEqual(self.link.reason, "Nobody answers.")
        self.assertTrue(self.link.probed_at)
        self.assertEqual(len(self.base.activity_ids), 1)

    def test_a_withdrawal_that_came_to_nothing_leaves_the_switch(self):
        self._done(self.link, "deploy")
        job = self.env["clouder.job"].browse(self.link.withdraw())
        self.assertTrue(self.link.off)
        job.cancel()
        self.assertFalse(self.link.off)
        self._hook("link_undo", RuntimeError("A bug."))
        job = self.env["clouder.job"].browse(self.link.withdraw())
        with self.assertLogs("odoo.addons.clouder.models.job_run", "ERROR"):
            self._run(job)
        self.assertEqual(job.state, "failed")
        self.assertFalse(self.link.off)

    def test_a_withdrawal_that_was_done_leaves_it_off(self):
        self._done(self.link, "deploy")
        self._hook("link_serve", EngineRefused("Not now."))
        job = self.env["clouder.job"].browse(self.link.withdraw())
        self._run(job)
        self.assertEqual(job.state, "failed")
        self.assertTrue(self.link.off)
        job = self.env["clouder.job"].browse(self.link.deploy())
        job.cancel()
        self.assertTrue(self.link.off, "nobody deployed it")

    def test_a_cancelled_probe_breaks_nothing(self):
        self._done(self.link, "deploy")
        self._hook("link_probe", JobCancelled("Stop."))
        with self.assertRaises(JobCancelled):
            self.link._probe()
        self.assertEqual(self.link.state, "working")

    def test_one_activity_for_each_broken_link(self):
        self.link._note("broken", "One reason.")
        (activity,) = self.base.activity_ids
        self.link._note("broken", "Another reason.")
        self.assertIn("Another reason.", activity.note)
        self.link._note("deploying")
        self.link._note("broken", "A third one.")
        self.assertEqual(self.base.activity_ids, activity, "the one is kept")
        twin = self._link(self.base, "mail")
        twin.code = self.link.code
        twin._note("broken", "It is deaf.")
        self.assertEqual(len(self.base.activity_ids), 2)
        self.link._note("working")
        self.assertEqual(self.base.activity_ids, twin.activity_id)
        twin.activity_id.action_done()
        twin._note("deploying")
        twin._note("broken", "It is dumb.")
        self.assertFalse(self.base.activity_ids, "done is done, until it works")

    def test_a_remembered_withdrawal_spares_the_next_base_of_that_name(self):
        self._done(self.link, "deploy")
        self.base.write({"state": "purged", "wanted": "purged"})
        self.link.state = "withdrawing"
        withdraw = self._hook("link_withdraw", None)
        forget = self._hook("link_forget", None)
        self.env.flush_all()
        self._base()
        self._done(self.link, "withdraw")
        self.assertEqual(self.link.state, "withdrawn")
        self.assertEqual((withdraw.call_count, forget.call_count), (1, 0))
