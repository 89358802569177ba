from unittest import mock

from odoo.tests import tagged

from ..models import job_gather
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestJobGather(HostingCase):
    """What one job does along for others is done once."""

    def setUp(self):
        super().setUp()
        self._service(self.app_store, "db")
        self.shop = self._service(self.app_shop, "shop")
        self.bases = [self._base(f"base-{number}") for number in range(3)]
        self.jobs = [base._enqueue("deploy") for base in self.bases]
        self.steps = [
            job.step_ids.filtered(lambda step: step.hook == "base_publish")
            for job in self.jobs
        ]

    def _base(self, name):
        return self.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": self.shop.id,
            }
        )

    def _looks(self):
        """Return the look that the first base's job takes while it waits."""
        with mock.patch.object(job_gather, "wait_for") as wait:
            job_gather.gather(self.env.registry, self.steps[0].id)
        return wait.call_args.args[1]

    def test_it_waits_for_those_who_are_on_their_way(self):
        for job in self.jobs:
            job.state = "running"
        look = self._looks()
        with self.enter_registry_test_mode():
            self.env.flush_all()
            self.assertEqual(look(), (False, "2 on their way"))
            self.steps[1].state = "running"
            self.jobs[2].state = "retrying"
            self.env.flush_all()
            self.assertTrue(look()[0])

    def test_it_does_not_wait_for_long(self):
        for job in self.jobs:
            job.state = "running"
        with self.enter_registry_test_mode():
            self.env.flush_all()
            with mock.patch.object(job_gather, "GATHER_SECONDS", 0):
                job_gather.gather(self.env.registry, self.steps[0].id)

    def test_only_while_many_wait_for_their_turn(self):
        base = self.bases[0]
        self.assertFalse(base._hook_gathers("base_publish"))
        for number in range(3, 5):
            self._base(f"base-{number}")._enqueue("deploy")
        self.assertTrue(base._hook_gathers("base_publish"))
        self.assertFalse(base._hook_gathers("base_links"))
