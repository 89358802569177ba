import ast
import hashlib
import json
import re

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clouder_template_postgres.lib import sql

from ..lib import instance
from .common import OdooCase

LOGIN = "clouder_login"


@tagged("post_install", "-at_install")
class TestOdooAccount(OdooCase):
    """One-time logins and new passwords."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_running(cls.exec)
        cls.base = cls._base("account", poweruser_name="anna")
        cls.base.write({"state": "running", "wanted": "running"})
        cls.base._generate_passwords()

    def answers(self, outcome):
        """Give a runner whose psql says ``outcome``."""
        return self.fake_runner({"psql": f"clouder_login:{outcome}\n"})

    def parameters(self, script):
        """Return what a script was given as its parameters."""
        text = re.search(rf"set_config\('{sql.PARAMETER}', '(.*)', false\)", script)[1]
        return json.loads(text.replace("''", "'"))

    def test_only_a_digest_is_left_in_the_base(self):
        with self.answers("done") as fake:
            url = self.base.login_once()
        place, _hash, token = url.partition("#")
        self.assertEqual(place, f"{self.base.url}/clouder/login")
        self.assertGreaterEqual(len(token), 43)
        (script,) = self.scripts(fake)
        self.assertNotIn(token, script)
        self.assertNotIn(token, repr(fake.calls))
        digest = hashlib.sha256(f"{self.base.fulldomain}\0{token}".encode()).hexdigest()
        self.assertEqual(
            self.parameters(script),
            {"account": "poweruser", "digest": digest, "minutes": 10},
        )
        self.assertIn(f'\\connect "{self.base.fulldomain}" "owner"', script)
        self.assertIn("one-time", self.base.message_ids[0].body)
        self.assertNotIn(token, self.base.message_ids[0].body)

    def test_each_token_is_another_one(self):
        with self.answers("done"):
            self.assertNotEqual(self.base.login_once(), self.base.login_once())

    def test_which_account(self):
        with self.answers("done") as fake:
            self.base.login_once("admin")
            with self.assertRaisesRegex(UserError, "no account"):
                self.base.login_once("demo'; --")
            self.base.poweruser_name = False
            self.base.login_once()
        accounts = [self.parameters(one)["account"] for one in self.scripts(fake)]
        self.assertEqual(accounts, ["administrator", "administrator"])

    def test_an_account_that_is_gone(self):
        with self.answers("missing"), self.assertRaisesRegex(UserError, "no active"):
            self.base.login_once()

    def test_only_a_base_that_runs(self):
        for state in ("draft", "suspended", "stopped", "failed", "purged"):
            self.base.state = state
            for ask in (self.base.login_once, self.base.renew_password):
                with self.subTest(state), self.assertRaisesRegex(UserError, "not run"):
                    ask()

    def test_a_new_password(self):
        before = self.base._secret("poweruser_password")
        with self.fake_runner() as fake:
            password = self.base.renew_password()
        self.assertNotEqual(password, before)
        self.assertEqual(self.base._secret("poweruser_password"), password)
        (script,) = self.scripts(fake)
        self.assertNotIn(password, script)
        items = self.parameters(script)["items"]
        self.assertTrue(items["poweruser_password"]["value"].startswith("$pbkdf2"))
        self.assertNotIn(password, self.base.message_ids[0].body)
        for account in ("root", "", "admin_encrypted", None):
            with self.assertRaisesRegex(UserError, "no account"):
                self.base.renew_password(account)

    def test_the_addon_of_the_container(self):
        files = instance.addon_files()
        folder = f"{instance.FOLDER}/{instance.NAME}"
        manifest = ast.literal_eval(files[f"{folder}/__manifest__.py"].decode())
        self.assertFalse(manifest["installable"])
        for path, text in files.items():
            compile(text, path, "exec")
        self.assertIn(b"from . import hosts", files[f"{folder}/__init__.py"])
        paths = {file.path for file in self.driver.service_files(self.exec)}
        self.assertLessEqual(set(files), paths)
