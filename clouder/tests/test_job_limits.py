from unittest import mock

from odoo.tests import tagged

from ..lib.limits import STEP_S
from ..models import job_limits
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestLimits(HostingCase):
    """What the server says at its start of limits that would end it in a step."""

    def start(self, **options):
        """Start with ``options`` of the server; those that are not named suffice."""
        usual = {"limit_time_real": STEP_S, "limit_time_cpu": STEP_S, "workers": 0}
        with mock.patch.object(job_limits, "config", {**usual, **options}):
            self.env["clouder.job"]._register_hook()

    def test_a_limit_that_is_too_short_is_named_with_its_cure(self):
        with self.assertLogs(job_limits.__name__, "WARNING") as log:
            self.start(limit_time_real=120)
        [line] = log.output
        self.assertIn("limit_time_real = 120 in Odoo's configuration", line)
        self.assertIn(f"Set limit_time_real to {STEP_S} or more", line)

    def test_workers_have_a_limit_of_the_processor_too(self):
        with self.assertLogs(job_limits.__name__, "WARNING") as log:
            self.start(limit_time_cpu=60, workers=2)
        self.assertIn("limit_time_cpu = 60", *log.output)

    def test_workers_take_zero_at_its_word(self):
        with self.assertLogs(job_limits.__name__, "WARNING") as log:
            self.start(limit_time_real=0, workers=2)
        self.assertIn("limit_time_real = 0", *log.output)

    def test_limits_that_suffice_are_not_spoken_of(self):
        for options in ({}, {"workers": 2}, {"limit_time_cpu": 60}):
            with self.assertNoLogs(job_limits.__name__, "WARNING"):
                self.start(**options)

    def test_without_workers_zero_is_no_limit(self):
        with self.assertNoLogs(job_limits.__name__, "WARNING"):
            self.start(limit_time_real=0)
