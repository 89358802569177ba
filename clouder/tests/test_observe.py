from unittest import mock

from odoo import fields
from odoo.tests import tagged

from ..lib.errors import EngineUnreachable
from .fake_runner import FakeRunner, fake_runner
from .life_case import LifeCase

CRON = "clouder.clouder_service_cron_observe"


@tagged("post_install", "-at_install")
class TestObserve(LifeCase):
    """Nodes and services are looked at regularly, and none is forgotten."""

    def setUp(self):
        super().setUp()
        self.process = self.shop._exec_service()
        self.services = self.process
        for name in "abc":
            self.services |= self._service(self.app_store, f"z{name}")
        self.services.write({"state": "running", "node_id": self.node.id})
        self.env.ref(CRON).nextcall = fields.Datetime.now()

    def _cron(self, seconds=lambda: 10, away=()):
        """Run the scheduled action; return the names of whom it looked at.

        :param seconds: returns what is left of its time after each look
        :param away: the names of nodes that do not answer
        """
        announced = []

        def progress(_self, processed=0, *, remaining=None, **_named):
            if remaining is not None:
                announced.append(remaining)
            return seconds() if processed else 10

        def note(fake, name, args, kwargs):
            node = getattr(args[0], "node_id", args[0])
            if node.name in away:
                fake.failures[name] = EngineUnreachable("Nobody answers.")
            else:
                fake.failures.pop(name, None)
            return FakeRunner._note(fake, name, args, kwargs)

        crons = self.env.registry["ir.cron"]
        with (
            mock.patch.object(crons, "_commit_progress", progress),
            fake_runner(self.env) as fake,
        ):
            fake._note = note.__get__(fake)
            self.env["clouder.service"]._cron_observe()
        self.env.invalidate_all()
        self.assertEqual(len(announced), 1)
        return [record for name, record, *_rest in fake.calls if name == "observe"]

    def test_who_had_no_turn_comes_first(self):
        left = iter([10, 10, 0])
        first = self._cron(lambda: next(left))
        self.assertEqual(len(first), 2, "the node, and two services in the time")
        rest = self._cron()
        self.assertEqual(len(rest), 2)
        self.assertEqual(set(first) | set(rest), set(self.services.mapped("name")))
        self.assertEqual(self._cron(), [], "each once in a turn")
        self.env.ref(CRON).nextcall = fields.Datetime.add(
            fields.Datetime.now(), hours=1
        )
        self.services.observed_at = fields.Datetime.subtract(
            fields.Datetime.now(), hours=1
        )
        self.assertEqual(len(self._cron()), 4, "the next turn")

    def test_a_dead_node_is_asked_once(self):
        there = self.node.copy({"name": "there"})
        moved = self.services - self.process
        moved.node_id = there
        self.assertEqual(self._cron(away=["there"]), [self.process.name])
        self.assertEqual(there.state, "offline")
        for service in moved:
            self.assertIn("Nobody answers", service.observed)
            self.assertTrue(service.observed_at)
