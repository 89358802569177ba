from odoo.tests import tagged

from ..lib.errors import EngineUnreachable
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestBaseSize(HostingCase):
    def setUp(self):
        super().setUp()
        self._service(self.app_store, "db")
        self.shop = self._service(self.app_shop, "shop")
        self.asked = []
        self.sizes = {}
        self.error = None
        self.patch(
            type(self.env["clouder.driver"]),
            "base_sizes",
            lambda _driver, bases: self._answer(bases),
        )
        crons = self.env.registry["ir.cron"]
        self.patch(crons, "_commit_progress", lambda *_args, **_named: 60)
        # Those of other tests and of demonstrations are not asked for.
        self.env["clouder.base"].search([]).write({"state": "purged"})

    def _answer(self, bases):
        self.asked.append(bases)
        if self.error:
            raise self.error
        return self.sizes

    def _base(self, name, **values):
        base = self.env["clouder.base"].create(
            {
                "name": name,
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": self.shop.id,
            }
        )
        base.write({"state": "running", **values})
        return base

    def _measure(self):
        self.env["clouder.base"]._cron_measure()

    def test_stale_bases_of_a_service_are_asked_for_together(self):
        first, second = self._base("first"), self._base("second")
        self._base("fresh", size_at="2999-01-01")
        self._base("stopped", state="stopped")
        self.sizes = {first.id: (5_000_000_000, 7)}
        self._measure()
        self.assertEqual(self.asked, [first | second])
        self.assertEqual((first.size_database, first.size_files), (5_000_000_000, 7))
        self.assertFalse(second.size_database)
        self.assertTrue(second.size_at, "its turn comes again later")
        self._measure()
        self.assertEqual(len(self.asked), 1)

    def test_a_node_that_does_not_answer_is_asked_once(self):
        other = self._service(self.app_shop, "other")
        first, second = self._base("first"), self._base("second", service_id=other.id)
        self.error = EngineUnreachable("Node here does not answer.")
        self._measure()
        self.assertEqual(len(self.asked), 1)
        self.assertTrue(first.size_at)
        self.assertTrue(second.size_at)

    def test_an_offline_node_is_not_asked(self):
        self._base("first")
        self.node.state = "offline"
        self._measure()
        self.assertFalse(self.asked)

    def test_nonsense_from_a_container_harms_nobody(self):
        self._base("first")
        self.error = ValueError("no JSON")
        self._measure()
        self.assertEqual(len(self.asked), 1)

    def test_a_deployment_asks_to_be_measured(self):
        base = self._base("first", size_at="2999-01-01")
        job = self.env["clouder.job"].create(
            {
                "name": "x",
                "action": "deploy",
                "res_model": base._name,
                "res_id": base.id,
            }
        )
        triggers = self.env["ir.cron.trigger"]
        cron = self.env.ref("clouder.clouder_base_cron_measure")
        before = triggers.search_count([("cron_id", "=", cron.id)])
        job._end("done")
        self.assertFalse(base.size_at)
        after = triggers.search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after, before + 1)
