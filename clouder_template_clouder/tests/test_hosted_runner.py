import importlib.util
import pathlib
from unittest.mock import Mock, patch

from odoo.tests import BaseCase, tagged

from odoo.addons.queue_job.jobrunner import runner

MODULE = pathlib.Path(__file__).parents[1] / "image/clouder_hosted/__init__.py"
PATCHED = ("get_db_names", "wait_notification", "close_databases")


@tagged("post_install", "-at_install")
class TestHostedRunner(BaseCase):
    """The module that a hosted server loads, put over the runner for one test."""

    def setUp(self):
        super().setUp()
        self.names = ["a.test"]
        self.ready = []
        kind = runner.QueueJobRunner
        for name in PATCHED:
            self.startPatcher(patch.object(kind, name, getattr(kind, name)))
        self.startPatcher(patch.object(kind, "get_db_names", lambda _self: self.names))
        self.startPatcher(patch.object(kind, "wait_notification", lambda _self: None))
        self.startPatcher(
            patch.object(
                kind,
                "initialize_databases",
                lambda one: self.ready.extend(one.get_db_names()),
            )
        )
        self.startPatcher(patch.object(runner, "SELECT_TIMEOUT", 60))
        self.startPatcher(patch.object(runner, "requests", runner.requests))
        spec = importlib.util.spec_from_file_location("clouder_hosted_here", MODULE)
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.runner = kind(channel_config_string="root:1")

    def test_databases_are_taken_up_when_they_come(self):
        self.runner.initialize_databases()
        self.names.append("b.test")
        self.runner.wait_notification()
        self.runner.wait_notification()
        self.assertEqual(self.ready, ["a.test", "b.test"])

    def test_after_an_error_it_begins_anew(self):
        self.runner.initialize_databases()
        self.runner.close_databases()
        self.runner.initialize_databases()
        self.assertEqual(self.ready, ["a.test", "a.test"])

    def test_one_that_stops_looks_no_more(self):
        self.runner._stop = True
        self.runner.wait_notification()
        self.assertFalse(self.ready)

    def test_a_job_is_asked_for_under_the_name_of_its_database(self):
        asked = Mock()
        with patch.object(self.module.requests, "get", asked):
            runner.requests.get(
                "http://127.0.0.1", headers={"X-Odoo-Database": "a.test"}
            )
        self.assertEqual(asked.call_args.kwargs["headers"]["Host"], "a.test")
