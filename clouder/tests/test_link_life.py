"""The life of links: order, waiting, withdrawing, probing, and who is told."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..lib.errors import EngineRefused, EngineUnreachable
from ..models.job_wait import WaitForJob
from .fake_runner import fake_runner
from .link_case import TAGS, LinkCase


@tagged("post_install", "-at_install")
class TestLinkLife(LinkCase):
    """What becomes of the links of a base."""

    def test_order_follows_what_links_build_on(self):
        for tag in TAGS:
            self._target(tag)
        base = self._base()
        dns, mail = self._link(base, "dns"), self._link(base, "mail")
        self._hook(
            "link_after",
            lambda _self, link: {dns: link._siblings(), mail: base.link_ids[:1]}.get(
                link, link.browse()
            ),
        )
        dns.required = True
        codes = (base.link_ids[::-1])._in_order().mapped("code")
        self.assertEqual(codes, ["link-proxy", "link-mail", "link-dns"])

    def test_links_that_wait_for_each_other_are_named(self):
        self._target("dns")
        self._target("mail")
        base = self._base()
        self._hook("link_after", lambda _self, link: link._siblings())
        with self.assertRaisesRegex(UserError, r"link-\w+ → link-\w+ → link-\w+"):
            base.link_ids._in_order()

    def test_a_circle_of_services_is_refused(self):
        first, second = (self._service(self.app_store, name) for name in ("a", "b"))
        tag = self.env["clouder.application.tag"].search([("code", "=", "database")])
        line = {"tag_id": tag.id, "auto": True}
        first.link_ids = [Command.create({**line, "target": second.id})]
        with self.assertRaisesRegex(ValidationError, "test-b → test-a → test-b"):
            second.link_ids = [Command.create({**line, "target": first.id})]
        with self.assertRaisesRegex(ValidationError, "test-a → test-a"):
            first.link_ids.target = first

    def test_a_link_without_target_waits(self):
        base = self._base()
        link = self._link(base, "dns")
        base.link_ids._deploy_all()
        self.assertEqual(link.state, "waiting")
        self.assertIn("needs a link to link-dns", link.reason)

    def test_a_required_link_without_target_is_an_error(self):
        base = self._base()
        self._link(base, "dns").required = True
        with self.assertRaisesRegex(UserError, "needs a link to link-dns"):
            base.link_ids._deploy_all()

    def test_a_target_in_draft_is_waited_for(self):
        self._service(self.apps["dns"], "dns")
        base = self._base()
        base.link_ids._deploy_all()
        self.assertEqual(self._link(base, "dns").state, "waiting")
        self.assertIn("not deployed", self._link(base, "dns").reason)

    def test_a_target_that_is_deployed_now_is_waited_for_by_the_job(self):
        target = self._service(self.apps["dns"], "dns")
        target._enqueue("deploy")
        base = self._base()
        with self.assertRaisesRegex(WaitForJob, "test-dns, which is being deployed"):
            base.link_ids._deploy_all()

    def test_a_waiting_link_fills_itself_in(self):
        base = self._base()
        base.link_ids._deploy_all()
        target = self._target("dns")
        self._base("other").link_ids.filtered("target").off = True
        self.env["clouder.base.link"]._cron_fill()
        link = self._link(base, "dns")
        self.assertEqual(link.target, target)
        self._run_next(link, "deploy")
        self.assertTrue(link.last_job_id.upkeep)
        self.assertEqual(link.state, "working")

    def test_what_its_maker_may_not_use_is_not_filled_in(self):
        deployer = self.env["res.users"].create(
            {
                "name": "Deployer",
                "login": "link-deployer",
                "group_ids": [Command.set(self.env.ref("clouder.group_deployer").ids)],
            }
        )
        hidden = self.env["clouder.environment"].create(
            {"name": "Hidden", "prefix": "hidden"}
        )
        base = self._base()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clouder_base SET create_uid = %s WHERE id = %s",
            [deployer.id, base.id],
        )
        base.invalidate_recordset()
        base.link_ids._deploy_all()
        target = self._target("dns")
        self.env.cr.execute(
            "UPDATE clouder_service SET environment_id = %s WHERE id = %s",
            [hidden.id, target.id],
        )
        target.invalidate_recordset()
        self.env["clouder.base.link"]._cron_fill()
        self.assertFalse(self._link(base, "dns").target)

    def test_what_is_suggested_stays_in_the_environment(self):
        other = self.env["clouder.environment"].create(
            {"name": "Other", "prefix": "other"}
        )
        foreign = self._service(self.apps["dns"], "dns", environment_id=other.id)
        self._running(foreign)
        self.assertFalse(self._link(self._base("one"), "dns").target)
        foreign.public = True
        self.assertEqual(self._link(self._base("two"), "dns").target, foreign)
        self._service(self.apps["dns"], "draft")
        own = self._target("dns")
        self.assertEqual(self._link(self._base("three"), "dns").target, own)

    def test_what_is_required_is_not_taken_from_another_customer(self):
        """Not even by Clouder itself, which may use everything."""
        place = self._customers_place("theirs", "Somebody else")
        foreign = self._service(self.app_store, "db", environment_id=place.id)
        self._running(foreign)
        own = self._customers_place("mine", "Me")
        mine = {"environment_id": own.id}
        with self.assertRaisesRegex(UserError, "needs"):
            self._service(self.app_shop, "one", **mine)
        foreign.public = True
        chosen = self._service(self.app_shop, "two", **mine)._tree().link_ids.target
        self.assertIn(foreign, chosen)
        foreign.public = False
        place.partner_id = own.partner_id
        chosen = self._service(self.app_shop, "three", **mine)._tree().link_ids.target
        self.assertIn(foreign, chosen)

    def _customers_place(self, prefix, name):
        customer = self.env["res.partner"].create({"name": name})
        return self.env["clouder.environment"].create(
            {"name": name, "prefix": prefix, "partner_id": customer.id}
        )

    def test_deploy_probe_withdraw_by_hand(self):
        self._target("dns")
        base = self._base()
        link = self._link(base, "dns")
        job = self.env["clouder.job"].browse(link.deploy())
        hooks = job.step_ids.mapped("hook")
        self.assertEqual(hooks, ["link_setup", "link_serve", "link_look"])
        self._run(job)
        self.assertEqual((job.state, link.state), ("done", "working"))
        self.assertTrue(link.probed_at)
        job = self.env["clouder.job"].browse(link.withdraw())
        self._run(job)
        self.assertEqual((job.state, link.state), ("done", "withdrawn"))
        base.link_ids._deploy_all()
        self.assertEqual(link.state, "withdrawn", "it stays withdrawn")
        self._run(self.env["clouder.job"].browse(link.deploy()))
        self.assertEqual(link.state, "working")

    def test_what_builds_on_a_link_follows_it(self):
        self._target("dns")
        self._target("mail")
        base = self._base()
        dns, mail = self._link(base, "dns"), self._link(base, "mail")
        self._hook(
            "link_after",
            lambda _self, link: (
                link._siblings() & mail if link == dns else link.browse()
            ),
        )
        provide = self._hook("link_provide", lambda _self, link: {})
        base.link_ids._deploy_all()
        for action, expected in (("deploy", [mail, dns]), ("withdraw", [dns])):
            provide.reset_mock()
            self._run(self.env["clouder.job"].browse(getattr(mail, action)()))
            asked = [call.args[1].id for call in provide.call_args_list]
            self.assertEqual(asked, [one.id for one in expected], action)

    def test_a_required_link_is_not_withdrawn(self):
        self._target("dns")
        link = self._link(self._base(), "dns")
        link.required = True
        with self.assertRaisesRegex(UserError, "cannot do without"):
            link.withdraw()

    def test_a_link_of_a_draft_is_not_deployed(self):
        self._target("dns")
        base = self._base()
        base.write({"state": "draft", "deployed_at": False})
        with self.assertRaisesRegex(UserError, "is not deployed"):
            self._link(base, "dns").deploy()

    def test_withdrawing_from_a_dead_target_is_remembered(self):
        target = self._target("dns")
        base = self._base()
        link = self._link(base, "dns")
        link._deploy()
        gone = self._hook("link_withdraw", EngineUnreachable("No route to the node."))
        link._withdraw_all()
        self.assertEqual(
            (link.state, link.reason), ("withdrawing", "No route to the node.")
        )
        base.write({"state": "purged", "wanted": "purged"})
        with self.assertRaisesRegex(UserError, "still has to be told"):
            base.unlink()
        self.env["clouder.base.link"]._cron_withdraw()
        self.assertFalse(link.active_job_id, "it was tried a moment ago")
        gone.side_effect = None
        target._links_found()
        self.env["clouder.base.link"]._cron_withdraw()
        self._run_next(link, "withdraw")
        self.assertTrue(link.last_job_id.upkeep)
        self.assertEqual(link.state, "withdrawn")
        base.unlink()

    def test_a_purged_target_needs_not_be_told(self):
        target = self._target("dns")
        link = self._link(self._base(), "dns")
        link._deploy()
        self._hook("link_withdraw", EngineRefused("There is no such container."))
        target.state = "purged"
        link._withdraw_all()
        self.assertEqual(link.state, "withdrawn")

    def test_links_to_a_purged_service_are_broken(self):
        target = self._target("dns")
        link = self._link(self._base(), "dns")
        link._deploy()
        target._links_lost()
        self.assertEqual(link.state, "broken")
        self.assertIn("test-dns was purged", link.reason)

    def test_a_live_link_keeps_its_target(self):
        self._target("dns")
        other = self._running(self._service(self.apps["dns"], "dns2"))
        link = self._link(self._base(), "dns")
        link._deploy()
        with self.assertRaisesRegex(UserError, "withdraw it first"):
            link.target = other
        with self.assertRaisesRegex(UserError, "withdraw it before"):
            link.unlink()
        link._withdraw_all()
        link.target = other
        link.unlink()

    def test_probing_in_batches_and_telling_the_manager(self):
        self._target("dns")
        base = self._base()
        link = self._link(base, "dns")
        link._deploy()
        link._probe()
        probe = self._hook("link_probe", EngineRefused("Nobody answers."))
        self.enterContext(fake_runner(self.env))
        self.env["clouder.base.link"]._cron_probe()
        self.assertEqual((link.state, link.reason), ("broken", "Nobody answers."))
        problem = self.env["clouder.problem"].search([("kind", "=", "link")])
        self.assertIn("hello.example.test → link-dns", problem.mapped("name"))
        (activity,) = base.activity_ids
        self.assertEqual(activity.summary, "link-dns")
        self.assertIn("Nobody answers.", activity.note)
        self.env["clouder.base.link"]._cron_probe()
        self.assertEqual(base.activity_ids, activity, "told once")
        probe.side_effect = None
        self.env["clouder.base.link"]._cron_probe()
        self.assertEqual(link.state, "working")
        self.assertFalse(base.activity_ids, "nothing left to do")

    def test_health_in_one_word(self):
        self._target("dns")
        self._target("mail")
        base = self._base()
        self.assertEqual(base.link_health, "waiting")
        base.link_ids._deploy_all()
        base.link_ids._probe_all()
        self.assertEqual(base.link_health, "working")
        self._link(base, "mail")._note("broken", "Nobody answers.")
        self.assertEqual(base.link_health, "broken")
        self._link(base, "mail").off = True
        self.assertEqual(base.link_health, "working")

    def test_a_dead_node_is_not_asked(self):
        target = self._target("dns")
        link = self._link(self._base(), "dns")
        link._deploy()
        link._probe()
        probe = self._hook("link_probe", None)
        target.node_id.write({"state": "offline", "error": "No route."})
        self.env["clouder.base.link"]._cron_probe()
        probe.assert_not_called()
        self.assertEqual(link.state, "broken")
        self.assertIn("Node here, where test-dns lives, is offline", link.reason)
