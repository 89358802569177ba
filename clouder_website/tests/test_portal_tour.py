from odoo.tests import tagged

from odoo.addons.clouder.models.job import ENDED_STATES

from .portal_case import PortalCase


class PortalTour:
    """A customer looks after his instance; its jobs go on each time they are asked."""

    # How many seconds a new password takes.
    slow = 0

    def setUp(self):
        super().setUp()
        self.renewed = []

        def base_set_password(_driver, base, _account):
            self.renewed.append(base.id)
            base.env.cr.execute("SELECT pg_sleep(%s)", [self.slow])

        driver = type(self.env["clouder.driver"])
        self.patch(driver, "base_set_password", base_set_password)
        jobs = self.env.registry["clouder.job"]
        status = jobs._portal_status

        def portal_status(job, offset=0):
            self._go_on(job)
            return status(job, offset)

        self.patch(jobs, "_portal_status", portal_status)

    def _go_on(self, job):
        if job.state in ENDED_STATES:
            return
        known = len(job.line_ids)
        text = ("first line", "second line", "third line")[min(known, 2)]
        self.env["clouder.job.line"].sudo().with_env(job.env).create(
            {"job_id": job.id, "text": text}
        )
        if not known:
            job.write({"state": "running", "progress": 30})
        job.step_ids[:1].state = "running"
        if known >= 2:
            job._end("done")

    def test_portal(self):
        self.start_tour("/my", "clouder_website_portal", login="anna")

    def test_a_second_click_makes_no_second_password(self):
        self.slow = 2
        url = f"/my/instances/{self.mine.id}"
        self.start_tour(url, "clouder_website_portal_twice", login="anna")
        self.assertEqual(self.renewed, [self.mine.id])


@tagged("post_install", "-at_install", "clouder_tour")
class TestPortalTourDesktop(PortalTour, PortalCase):
    allow_inherited_tests_method = True
    browser_size = "1366x768"


@tagged("post_install", "-at_install", "clouder_tour")
class TestPortalTourPhone(PortalTour, PortalCase):
    allow_inherited_tests_method = True
    browser_size = "390x844"
    touch_enabled = True
