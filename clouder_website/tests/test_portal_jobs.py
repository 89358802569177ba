from odoo.fields import Command
from odoo.tests import tagged

from .portal_case import URL, PortalCase


@tagged("post_install", "-at_install")
class TestPortalJobs(PortalCase):
    """The log of a job, as far as it is the customer's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job = cls._job(cls, cls.mine, state="running", progress=40)
        cls.steps = {hook: cls._step(hook) for hook in ("base_build", "base_publish")}
        cls._line("Making it", "info", "base_build")

    @classmethod
    def _step(cls, hook):
        return cls.env["clouder.job.step"].create(
            {
                "job_id": cls.job.id,
                "sequence": 1,
                "name": f"Step {hook}",
                "res_model": cls.mine._name,
                "res_id": cls.mine.id,
                "hook": hook,
            }
        )

    @classmethod
    def _line(cls, text, level, hook):
        step = cls.steps.get(hook)
        values = {"text": text, "level": level, "step_id": step and step.id}
        cls.job.line_ids = [Command.create(values)]
        return cls.job.line_ids[-1:]

    def _status(self, job=None, base=None, login="anna", **query):
        job_id = getattr(job, "id", job) or self.job.id
        base_id = (base or self.mine).id
        return self.page(f"{URL}/{base_id}/jobs/{job_id}", login, **query)

    def _texts(self, **query):
        return [line["text"] for line in self._status(**query).json()["lines"]]

    def test_it_goes_on_from_an_offset(self):
        first = self._status().json()
        self.assertEqual(first["progress"], 40)
        self.assertFalse(first["ended"])
        self.assertEqual([one["text"] for one in first["lines"]], ["Making it"])
        self.assertEqual(self._texts(offset=first["offset"]), [])
        self._line("More", "info", "base_build")
        self.assertEqual(self._texts(offset=first["offset"]), ["More"])

    def test_no_offset_breaks_it(self):
        for offset in ("-1", "x", "9" * 400, "1.5", "٣", "", "0x10", "1;select"):
            with self.subTest(offset=offset[:10]):
                self.assertEqual(self._status(offset=offset).status_code, 200)

    def test_the_machinery_and_the_others_are_left_out(self):
        self._line("test-exec $ psql", "output", "base_build")
        self._line("his.example.test: no certificate", "warning", "base_publish")
        self._line("his.example.test is published", "info", "base_publish")
        self._line("test-exec at 10.0.0.7 does not answer", "warning", "base_build")
        self._line("KeyError: test-exec", "error", "none")
        self._line("Nearly done", "info", "none")
        self.assertEqual(self._texts(), ["Making it", "Nearly done"])

    def test_a_failure_names_its_step_and_no_reason(self):
        reason = "Node here (10.0.0.7) lost test-exec, and his.example.test with it"
        self.job.write({"state": "failed", "error": reason, "error_detail": reason})
        self._line(reason, "error", "base_build")
        for hook, step in self.steps.items():
            self.job.step_ids.state = "done"
            step.write({"state": "failed", "error": reason})
            with self.subTest(hook=hook):
                status = self._status()
                self.assertEqual(status.json()["error"], f"It stopped at: Step {hook}.")
                page = self.page(f"{URL}/{self.mine.id}")
                self.assertIn(f"It stopped at: Step {hook}.", page.text)
                for internal in ("10.0.0.7", "test-exec", "his.example"):
                    self.assertNotIn(internal, status.text)
                    self.assertNotIn(internal, page.text)
        self.job.step_ids.state = "pending"
        self.assertEqual(self._status().json()["error"], "It could not be started.")

    def test_a_job_that_waits_says_so_without_a_reason(self):
        error = "Waits for service test-shop, which is being deployed."
        self.job.write({"state": "retrying", "error": error})
        status = self._status()
        self.assertIn("goes on by itself", status.json()["error"])
        self.assertNotIn("test-shop", status.text)
        self.job.state = "running"
        self.assertEqual(self._status().json()["error"], "")

    def test_a_job_of_another_record_does_not_exist(self):
        theirs = self._job(self.his, state="done")
        service = self._job(self.mine, state="done")
        service.write({"res_model": "clouder.service", "res_id": self.mine.id})
        nothing = self.essence(self._status(job=theirs.id + 10_000))
        self.assertEqual(nothing[0], 404)
        for job, base in (
            (theirs, self.mine),
            (theirs, self.his),
            (self.job, self.his),
            (service, self.mine),
        ):
            with self.subTest(job=job.id, base=base.name):
                self.assertEqual(self._status(job, base).status_code, 404)

    def test_all_lines_come_in_the_end(self):
        self.env["clouder.job.line"].create(
            [{"job_id": self.job.id, "text": str(number)} for number in range(1200)]
        )
        offset, seen, more = 0, [], True
        while more:
            status = self._status(offset=offset).json()
            seen += status["lines"]
            offset, more = status["offset"], status["more"]
        self.assertEqual(len(seen), 1201)
