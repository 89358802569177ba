import ast
import configparser
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.clouder_template_odoo.tests.common import OdooCase

from ..drivers.clouder import LIBRARIES


@tagged("post_install", "-at_install")
class TestClouderDriver(OdooCase):
    driver_code = "clouder"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clouder = cls.env.ref("clouder_template_clouder.application_clouder")
        cls.service = cls._service(
            "clouder_template_clouder.application_clouder", "clouder"
        )
        cls.exec = cls.service._exec_service()
        cls.exec.link_ids.facts = (
            '{"host": "h", "port": 5432, "user": "u", "password": "p"}'
        )
        cls.files = cls.env.ref("clouder_template_clouder.image_clouder_files")
        cls.process = cls.env.ref("clouder_template_clouder.image_clouder_exec")

    def sent(self):
        """Return what the image of the modules is built from: path to content."""
        return {one.path: one.content for one in self.driver.image_files(self.files)}

    def test_tree(self):
        self.assertEqual(
            self.service._tree().mapped("name"),
            [
                "odootest-clouder-odoo-data",
                "odootest-clouder-clouder-files",
                "odootest-clouder-clouder-exec",
                "odootest-clouder",
            ],
        )
        self.assertEqual(
            [one._form() for one in self.service._tree()],
            ["volumes", "files", "process", "none"],
        )

    def test_configuration(self):
        file, *_addon = self.driver.service_files(self.exec)
        conf = configparser.ConfigParser(interpolation=None)
        conf.read_string(file.content.decode())
        self.assertTrue(file.secret)
        self.assertEqual(
            conf["options"]["server_wide_modules"],
            "base,rpc,web,clouder_instance,queue_job,clouder_hosted",
        )
        folders = conf["options"]["addons_path"].split(",")
        self.assertIn("/opt/odoo/addons", folders)
        self.assertIn("/etc/clouder/addons", folders)
        self.assertEqual(conf["options"]["workers"], "4")
        self.assertEqual(conf["queue_job"]["channels"], "root:2,root.clouder_webhook:1")
        self.assertEqual(
            conf["clouder"]["secret_key_file"], "/var/lib/odoo/clouder.key"
        )

    def test_the_modules_are_complete(self):
        """What a base installs is among the files, with all that it depends on."""
        sent = self.sent()
        manifests = {
            path.split("/")[2]: ast.literal_eval(content.decode())
            for path, content in sent.items()
            if path.endswith("/__manifest__.py")
        }
        base = self._base("inner", "clouder_template_clouder.application_clouder")
        wanted = set(self.driver._recipe(base).modules) - {"base"}
        self.assertLessEqual({"clouder", "clouder_template_odoo"}, wanted)
        self.assertLessEqual(wanted, set(manifests))
        depends = {one for name in wanted for one in manifests[name]["depends"]}
        ours = {one for one in depends if one.startswith(("clouder", "queue"))}
        self.assertLessEqual(ours, set(manifests))
        self.assertIn("clouder_hosted", manifests)
        text = self.driver.image_dockerfile(self.process)
        for name in wanted:
            for library in (
                manifests[name].get("external_dependencies", {}).get("python", [])
            ):
                there = f"python3-{library.lower()} " in text or library in LIBRARIES
                self.assertTrue(there, f"{name} needs {library}")

    def test_tests_are_not_sent(self):
        sent = self.sent()
        self.assertIn("/addons/clouder/models/base.py", sent)
        self.assertFalse([path for path in sent if "/tests/" in path])
        self.assertFalse([path for path in sent if "__pycache__" in path])

    def test_other_modules_are_another_recipe(self):
        before = self.files.computed_dockerfile
        self.assertEqual(self.driver.image_dockerfile(self.files) in before, True)
        with patch.object(type(self.driver), "_modules", lambda self: [], create=False):
            self.assertNotIn(self.driver.image_dockerfile(self.files), before)

    def test_the_process_is_an_odoo_with_libraries(self):
        odoo = self.env.ref("clouder_template_odoo.image_odoo_exec")
        inherited = odoo._driver().image_dockerfile(odoo)
        text = self.driver.image_dockerfile(self.process)
        self.assertTrue(text.startswith(inherited))
        self.assertIn("python3-docker", text)
        libraries = {
            one.path.split("/")[2] for one in self.driver.image_files(self.process)
        }
        self.assertIn("openupgradelib", libraries)
        last = [line for line in text.splitlines() if line.startswith("USER")][-1]
        self.assertEqual(last, "USER odoo")

    def test_it_has_the_options_of_an_odoo(self):
        """An option that Odoo's driver asks for would else be without a value."""
        options = {
            kind: {
                (one.name, one.type, one.value_type)
                for one in self.env.ref(
                    f"clouder_template_{kind}.type_{kind}"
                ).option_ids
            }
            for kind in ("odoo", "clouder")
        }
        self.assertEqual(
            options["clouder"] - options["odoo"], {("channels", "service", "integer")}
        )
        self.assertLessEqual(options["odoo"], options["clouder"])
