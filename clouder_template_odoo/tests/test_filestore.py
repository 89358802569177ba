import json
import pathlib
import tempfile

from odoo.tests import BaseCase, tagged

from ..scripts import filestore


@tagged("post_install", "-at_install")
class TestFilestore(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self._write("tpl", "ab/abc", "one")
        self._write("tpl", "checklist/ab/abc", "")

    def _write(self, name, path, text):
        file = self.root / "filestore" / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def _files(self, name):
        store = self.root / "filestore" / name
        return {
            str(file.relative_to(store)): file.read_text()
            for file in store.rglob("*")
            if file.is_file()
        }

    def test_clone_shares_the_files(self):
        filestore.clone("tpl", "a.test", self.root)
        self.assertEqual(self._files("a.test"), {"ab/abc": "one"})
        copies = (self.root / "filestore/a.test/ab/abc").stat().st_nlink
        self.assertEqual(copies, 2)

    def test_clone_leaves_what_is_there(self):
        self._write("a.test", "cd/cde", "own")
        filestore.clone("tpl", "a.test", self.root)
        self.assertEqual(self._files("a.test"), {"cd/cde": "own"})

    def test_clone_takes_no_notice_of_a_half_made_one(self):
        half = self.root / "making/a.test/zz"
        half.mkdir(parents=True)
        filestore.clone("tpl", "a.test", self.root)
        self.assertEqual(self._files("a.test"), {"ab/abc": "one"})

    def test_clone_of_nothing_is_empty(self):
        filestore.clone("nothing", "a.test", self.root)
        self.assertEqual(self._files("a.test"), {})

    def test_merge_then_replace(self):
        self._write("a.test", "cd/cde", "own")
        filestore.merge("tpl", "a.test", self.root)
        self.assertEqual(self._files("a.test"), {"ab/abc": "one", "cd/cde": "own"})
        filestore.replace("tpl", "a.test", self.root)
        filestore.replace("tpl", "a.test", self.root)
        self.assertEqual(set(self._files("a.test")), {"ab/abc", "checklist/ab/abc"})

    def test_remove_takes_the_sessions_too(self):
        sessions = self.root / "sessions/ab"
        sessions.mkdir(parents=True)
        (sessions / "mine").write_text(json.dumps({"db": "tpl"}))
        (sessions / "other").write_text(json.dumps({"db": "b.test"}))
        (sessions / "broken").write_text("{")
        filestore.remove("tpl", "nothing", data_dir=self.root)
        self.assertFalse((self.root / "filestore/tpl").exists())
        self.assertEqual(
            {file.name for file in sessions.iterdir()}, {"other", "broken"}
        )

    def test_names_cannot_climb(self):
        for name in ("", "../x", "a/b", ".", ".."):
            with self.assertRaises(SystemExit):
                filestore.store(name, self.root)
