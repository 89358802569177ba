from unittest import mock

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.clouder.lib.errors import EngineUnreachable
from odoo.addons.clouder.tests.fake_runner import fake_runner

from .common import VISITOR, WebsiteCase

REASON = "Nobody answers at 10.0.0.1."


@tagged("post_install", "-at_install")
class TestUnreachable(WebsiteCase):
    """An instance is ready when its proxy serves it, not before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        application = cls._application(
            "entrance",
            cls.type_store,
            default_image_id=cls.image_store.id,
            tag_ids=cls._tags("proxy", "exec"),
        )
        line = {"target_application_id": application.id, "service": False, "base": True}
        cls.app_shop.link_ids = [Command.create(line)]
        cls.proxy = cls._service(application, "proxy")
        cls.proxy.write({"state": "running", "deployed_at": fields.Datetime.now()})

    def setUp(self):
        super().setUp()
        # A cron commits after each record, which a test cannot.
        cron = self.env.registry["ir.cron"]
        self.patch(cron, "_commit_progress", lambda *args, **kwargs: 60)
        links = self.env.registry["clouder.base.link"]
        self.patch(links, "_is_published", lambda link: bool(link.target))

    def made_order(self, broken):
        """Order; the proxy's hook ``broken`` fails while the instance is made."""
        order, progress = self.order_and_confirm()
        with self.dead(broken):
            self.run_job(order.base_id.active_job_id)
        return self.last_order(), progress

    def dead(self, hook):
        """Have ``hook`` of the proxy's driver fail inside the block."""
        driver = type(self.env["clouder.driver"])
        return mock.patch.object(driver, hook, side_effect=EngineUnreachable(REASON))

    def subjects(self):
        """Return the subjects of the mails about the outcome, the newest first."""
        mails = self.mails(VISITOR["email"]).mapped("subject")
        return [subject for subject in mails if "confirm" not in subject]

    def told_delayed(self, order):
        return [f"Your order of {order.host} is delayed"]

    def told_ready(self, order):
        return [f"{order.host} is ready", *self.told_delayed(order)]

    def state(self, progress):
        return self.url_open(f"{progress}/state").json()

    def assert_waits(self, order, progress):
        """See that the order is under way, and that everybody was told what is."""
        self.assertEqual(order.base_id.state, "running")
        self.assertEqual(order.state, "deploying")
        self.assertFalse(order.running_at)
        self.assertIn(REASON, order.error)
        self.assertIn("cannot be reached", order.activity_ids.summary)
        self.assertEqual(self.subjects(), self.told_delayed(order))
        state = self.state(progress)
        self.assertIn("does not answer yet", state["delay"])
        self.assertFalse(state["url"] or state["can_enter"])
        page = self.page(progress).text_content()
        self.assertIn("does not answer yet", page)
        self.assertNotIn("10.0.0.1", page + str(state))

    def assert_ready(self, progress):
        order = self.last_order()
        self.assertEqual(order.state, "running")
        self.assertFalse(order.error)
        self.assertFalse(order.activity_ids)
        self.assertEqual(self.subjects(), self.told_ready(order))
        self.assertEqual(self.state(progress)["delay"], "")

    def repair(self, order):
        """Have the crons set up again what is broken; run the job of it."""
        link = order.base_id.link_ids
        link.next_try = False
        links = self.env["clouder.base.link"].with_context(clouder_no_deploy=False)
        with fake_runner(self.env):
            links._cron_fill()
        self.run_new_job(link)

    def run_new_job(self, record):
        """Run the job that was just queued on ``record``."""
        record.invalidate_recordset()
        self.run_job(record.active_job_id)

    def test_a_proxy_that_serves_nothing_new_delays_the_order(self):
        order, progress = self.made_order("link_publish")
        self.assert_waits(order, progress)
        with self.dead("link_publish"):
            self.repair(order)
        order = self.last_order()
        self.assert_waits(order, progress)
        self.repair(order)
        self.assert_ready(progress)

    def test_one_that_does_not_answer_does_until_a_look_finds_it_well(self):
        order, progress = self.made_order("link_probe")
        self.assert_waits(order, progress)
        link = order.base_id.link_ids
        for _look in range(2):
            with fake_runner(self.env):
                link._probe()
        self.assert_ready(progress)

    def test_one_that_is_stopped_delays_it(self):
        self.proxy.state = "stopped"
        order, _progress = self.order_and_confirm()
        self.run_job(order.base_id.active_job_id)
        order = self.last_order()
        self.assertEqual(order.state, "deploying")
        self.assertIn("stopped: start it", order.error)

    def test_what_is_taken_from_the_proxy_on_purpose_is_ready(self):
        order, progress = self.made_order("link_publish")
        order.base_id.link_ids.off = True
        self.assert_ready(progress)

    def test_another_job_of_the_base_tells_nobody_again(self):
        order, _progress = self.made_order("link_publish")
        order.activity_ids.unlink()
        self.env["clouder.order"]._follow_bases(order.base_id)
        self.assertFalse(order.activity_ids)
        self.assertEqual(self.subjects(), self.told_delayed(order))

    def test_a_failed_order_is_not_ready_by_a_retry_alone(self):
        order, progress = self.made_order("link_publish")
        order.write({"state": "failed"})
        order.with_context(clouder_no_deploy=False).retry()
        self.assertEqual(order.state, "deploying")
        self.run_new_job(order.base_id)
        self.assert_ready(progress)

    def test_without_trouble_nothing_is_said(self):
        order, _progress = self.order_and_confirm()
        self.run_job(order.base_id.active_job_id)
        order = self.last_order()
        self.assertEqual(order.state, "running")
        self.assertEqual(order.base_id.link_ids.state, "working")
        self.assertEqual(self.subjects(), [f"{order.host} is ready"])
