"""A new user creates and deploys a base by hand, and sees what happens."""

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.clouder.lib.errors import CommandFailed
from odoo.addons.clouder.models.job_run import JobRun
from odoo.addons.clouder.tests.fake_runner import fake_runner
from odoo.addons.clouder.tests.hosting_case import HostingCase

from .worker import worker

OUTPUT = "loading modules\nthe disk of the tour is full"


class TourCase(HostingCase, HttpCase):
    """A deployer, and a shop that runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, "newcomer", groups="clouder.group_deployer", name="New Comer"
        )
        cls.environment.user_ids = cls.user
        cls.node.public = cls.domain.public = True
        cls._make_services()

    @classmethod
    def _make_services(cls):
        cls.store = cls._service(cls.app_store, "db")
        cls.shop = cls._service(cls.app_shop, "shop")
        cls.app_shop.next_service_id = cls.shop
        with fake_runner(cls.env):
            for service in (cls.store, cls.shop):
                job = service._enqueue("deploy")
                cls.env.flush_all()
                JobRun(cls.env.registry, job.id).run()
                cls.env.invalidate_all()


@tagged("post_install", "-at_install", "clouder_tour")
class TestTourBase(TourCase):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.shop.state, "running", self.shop.error)
        self.fail_once = False
        driver = self.env.registry["clouder.driver"]
        test = self

        def work(self, base):
            self._log(f"The driver works on {base.fulldomain}")

        def configure(self, base):
            if test.fail_once:
                test.fail_once = False
                raise CommandFailed(["configure"], 1, OUTPUT)
            self._log(f"{base.fulldomain} is configured")

        for hook in ("base_create_database", "base_build", "base_create_poweruser"):
            self.patch(driver, hook, work)
        self.patch(driver, "base_configure", configure)

    def _tour(self, name):
        with fake_runner(self.env), worker(self.env) as thread:
            self.start_tour("/odoo", name, login="newcomer", timeout=120)
        self.assertEqual(thread.faults, [])
        self.env.invalidate_all()
        return thread

    def test_deploy_a_base_by_hand(self):
        thread = self._tour("clouder_deploy_base")
        base = self.env["clouder.base"].search([("name", "=", "tour")])
        self.assertEqual(base.fulldomain, "tour.example.test")
        self.assertEqual(base.state, "running")
        self.assertEqual(base.service_id, self.shop)
        seen = {progress for _state, progress in thread.looks}
        self.assertGreater(len(seen), 5, "the browser saw the progress move")

    def test_a_failed_deployment_is_told_and_retried(self):
        self.fail_once = True
        self._tour("clouder_retry_base")
        base = self.env["clouder.base"].search([("name", "=", "tour")])
        self.assertEqual(base.state, "running")
        self.assertEqual(base.job_ids.mapped("state"), ["done", "failed"])
