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
        self._line("Careful", "warning", "none")
        self.assertEqual(self._texts(), ["Making it", "Careful"])

    def test_a_failure_of_a_shared_step_names_nobody(self):
        self.job.write({"state": "failed", "error": "his.example.test is refused"})
        self.steps["base_publish"].state = "failed"
        self.assertNotIn("his.example", self._status().text)
        page = self.page(f"{URL}/{self.mine.id}")
        self.assertNotIn("his.example", page.text)
        self.steps["base_publish"].state = "done"
        self.steps["base_build"].state = "failed"
        self.assertIn("his.example", self._status().text)

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
