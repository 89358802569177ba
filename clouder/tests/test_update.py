from odoo.sql_db import db_connect
from odoo.tests import tagged

from odoo.addons.queue_job.exception import RetryableJobError

from ..models.job_locks import lock
from .fake_runner import FakeRunner, fake_runner
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestUpdate(HostingCase):
    """Newer images: noticed for what is updated daily, passed on to the bases."""

    def setUp(self):
        super().setUp()
        self._deploy_shop()
        self.version = self.process.image_version_id

    def _updated(self, service, outdated=()):
        runner = FakeRunner()
        runner.results["image_outdated"] = list(outdated)
        job = service._enqueue("update")
        self._run(job, runner)
        self.assertEqual(job.state, "done", job.error)
        return job

    def _asked(self, services, outdated=()):
        """Update ``services`` as upkeep; return how often a container was asked."""
        runner = FakeRunner()
        runner.results["image_outdated"] = list(outdated)
        for service in services:
            job = service._for_upkeep()._enqueue("update")
            self._run(job, runner)
            self.assertEqual(job.state, "done", job.error)
        return runner.names().count("image_outdated")

    def _processes(self, count=3):
        """Return the processes of so many services with the same image."""
        services = self.process
        for number in range(1, count):
            shop = self._service(self.app_shop, f"shop{number}")
            self._run(shop._enqueue("deploy"))
            services |= shop._exec_service()
        self.assertEqual(services.image_version_id, self.version)
        return services

    def test_an_image_is_asked_about_once_in_a_turn(self):
        services = self._processes()
        self.assertEqual(self._asked(services), 1)
        self.assertEqual(services.image_version_id, self.version)
        self.version.placement_ids.newest_at = "2026-01-01"
        self.assertEqual(self._asked(services), 1, "the next night")

    def test_a_newer_image_is_made_once_in_a_turn(self):
        services = self._processes()
        self.assertEqual(self._asked(services, ["openssl 3.0.15"]), 1)
        newer = services.image_version_id
        self.assertEqual(len(newer), 1)
        self.assertNotEqual(newer, self.version)

    def test_a_changed_recipe_is_found_all_the_same(self):
        services = self._processes(2)
        self._asked(services)
        self.process.image_id.dockerfile = "RUN echo new"
        self._asked(services)
        self.assertIn("echo new", services.image_version_id.dockerfile)

    def test_who_asks_himself_gets_a_fresh_answer(self):
        self._asked(self.process)
        self._updated(self.process, ["openssl 3.0.15"])
        self.assertNotEqual(self.process.image_version_id, self.version)

    def test_services_of_one_image_look_in_turn(self):
        services = self._processes(2)
        lock = f"clouder.image,{self.process.image_id.id}"
        for service in services:
            self.assertEqual(list(service._hook_turns("service_update")), [lock])
            self.assertEqual(service._hook_turns("service_container"), {})

    def test_one_whose_turn_it_is_not_gives_its_worker_away(self):
        job = self.process._enqueue("update")
        image = self.process.image_id
        # The tests' own cursors share one connection: to it, the lock would be free.
        with db_connect(self.env.cr.dbname).cursor() as other:
            lock(other, [f"clouder.image,{image.id}"])
            fake, error = self._run(job)
            self.assertIsInstance(error, RetryableJobError)
            self.assertIn(image.name, str(error))
            self.assertNotIn("image_outdated", fake.names())
        self.assertEqual((job.state, job.attempts), ("retrying", 0))
        self._run(job)
        self.assertEqual(job.state, "done", job.error)

    def test_the_same_image_changes_nothing(self):
        self._updated(self.process)
        self.assertEqual(self.process.image_version_id, self.version)

    def test_a_newer_package_makes_a_new_version(self):
        self._updated(self.process, ["openssl 3.0.15"])
        newer = self.process.image_version_id
        self.assertNotEqual(newer, self.version)
        self.assertTrue(newer._placement(self.node).digest)
        self.assertTrue(self.version.exists(), "the old version is kept")

    def test_a_changed_recipe_makes_a_new_version(self):
        self.process.image_id.dockerfile = "RUN echo new"
        self._updated(self.process)
        self.assertIn("echo new", self.process.image_version_id.dockerfile)

    def test_the_daily_look_takes_what_is_always_updated(self):
        cron = self.env.ref("clouder.clouder_service_cron_update")
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.process.active_job_id.action, "update")
        self.assertFalse(self.store.active_job_id, "its strategy is never")
        self.assertFalse(self.files.active_job_id, "its strategy is manual")

    def test_the_button_on_the_parent_leaves_data_alone(self):
        updated = {service for service, _hook in self.shop._job_steps("update")}
        self.assertEqual(updated, {self.files, self.process})

    def test_updated_files_reach_process_and_bases(self):
        steps = [
            (service.suffix, hook) for service, hook in self.files._job_steps("update")
        ]
        hooks = [hook for _suffix, hook in steps]
        self.assertLess(hooks.index("service_fill"), hooks.index("service_container"))
        self.assertEqual(steps[-1], ("shop-files", "service_bases"))

    def test_updated_files_update_the_bases(self):
        base = self.env["clouder.base"].create(
            {
                "name": "hello",
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": self.shop.id,
            }
        )
        base.write({"state": "running", "deployed_at": "2026-01-01"})
        self._updated(self.files)
        self.assertEqual(base.active_job_id.action, "update")

    def test_going_back_is_a_switch(self):
        old = self.files.image_version_id
        former = self.files._mounts()
        self._updated(self.files, ["base-files 12"])
        self.assertNotEqual(self.files._mounts(), former)
        self.files.image_version_id = old
        self.assertEqual(self.files._mounts(), former)

    def test_the_plan_names_what_changes(self):
        with fake_runner(self.env):
            self.assertEqual(self.process.plan(), [])
            self.process.memory_limit = 777
            [change] = self.process.plan()
        self.assertEqual(change["change"], "replace")
        self.assertEqual(change["parts"], ["limits"])
        self.assertTrue(change["interruption"])
