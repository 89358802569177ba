import json
import pathlib
import tempfile

from odoo.tests import BaseCase, tagged

from ..scripts import sizes
from .common import OdooCase


@tagged("post_install", "-at_install")
class TestSizeScript(BaseCase):
    def test_it_adds_up_files_and_follows_no_link(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            store = root / "filestore" / "a.test" / "ab"
            store.mkdir(parents=True)
            (store / "abc").write_bytes(b"x" * 1000)
            (root / "big").write_bytes(b"x" * 100_000)
            (store / "out").symlink_to(root / "big")
            found = sizes.sizes("a.test", "none.test", data_dir=root)
        self.assertEqual(list(found), ["a.test"])
        self.assertLess(found["a.test"], 2000)
        self.assertGreaterEqual(found["a.test"], 1000)


@tagged("post_install", "-at_install")
class TestOdooSize(OdooCase):
    def test_two_questions_for_all_bases_of_a_service(self):
        first, second = self._base("first"), self._base("second")
        (first | second).write({"state": "running"})
        names = [one._database() for one in first | second]
        answers = {
            "psql": json.dumps({names[0]: 7_000_000}),
            "python3": json.dumps({names[0]: 3_000_000_000, names[1]: 5}),
        }
        with self.fake_runner() as fake:
            fake.answers.update(answers)
            (first | second)._measure()
        self.assertEqual(len(fake.argvs()), 2)
        self.assertEqual(
            (first.size_database, first.size_files), (7_000_000, 3_000_000_000)
        )
        self.assertFalse(second.size_database, "not known is not noted")

    def test_what_is_no_size_is_not_noted(self):
        base = self._base("first")
        for answer in ("", "[]", '{"first.odoo.test": "many"}', "null"):
            with self.fake_runner() as fake, self.subTest(answer=answer):
                fake.answers.update({"psql": answer, "python3": "{}"})
                base._measure()
            self.assertFalse(base.size_database)
