from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clouder.lib.errors import SpecRefused
from odoo.addons.clouder.lib.spec import ContainerSpec

from .common import FACTS, OdooCase


@tagged("post_install", "-at_install")
class TestOdooDriver(OdooCase):
    def test_tree(self):
        self.assertEqual(
            self.service._tree().mapped("name"),
            [
                "odootest-odoo-odoo-data",
                "odootest-odoo-odoo-files",
                "odootest-odoo-odoo-exec",
                "odootest-odoo",
            ],
        )
        self.assertEqual(
            [one._form() for one in self.service._tree()],
            ["volumes", "files", "process", "none"],
        )
        self.assertEqual(self.exec.link_ids.target, self.postgres)

    def test_all_in_one_uses_its_own_postgres(self):
        service = self._service("clouder_template_odoo.application_odoo_all", "all")
        own = service._tree().filtered(lambda one: "postgres" in one._tags())
        self.assertEqual(service._exec_service().name, "odootest-all-odoo-odoo-exec")
        self.assertEqual(service._exec_service().link_ids.target, own)

    def test_configuration(self):
        file, *_addon = self.driver.service_files(self.exec)
        lines = file.content.decode().splitlines()
        self.assertTrue(file.secret)
        self.assertEqual(file.mode, 0o400)
        for line in (
            "addons_path = /etc/clouder/addons,/opt/odoo/addons",
            "server_wide_modules = base,rpc,web,clouder_instance",
            "db_host = odootest-postgres",
            "db_password = pw-of-role",
            "dbfilter = ^%h$",
            "list_db = False",
            "admin_passwd =",
            "proxy_mode = True",
            "workers = 2",
            "limit_memory_soft = 2147483648",
        ):
            self.assertIn(line, lines)

    def test_options_of_the_parent_reach_the_process(self):
        line = self.service.option_ids.filtered(lambda one: one.name.name == "workers")
        line.value = "5"
        file, *_addon = self.driver.service_files(self.exec)
        self.assertIn(b"\nworkers = 5\n", file.content)

    def test_a_fact_of_two_lines_is_refused(self):
        self.exec.link_ids.facts = '{"host": "a\\nadmin_passwd = x", "port": 5432, "user": "u", "password": "p"}'
        with self.assertRaises(SpecRefused):
            self.driver.service_files(self.exec)

    def test_a_service_without_database_says_so(self):
        self.exec.link_ids.facts = False
        with self.assertRaisesRegex(UserError, "no working link to PostgreSQL"):
            self.driver.service_files(self.exec)

    def test_container_is_not_root(self):
        spec = self.driver.service_spec(self.exec, ContainerSpec("odoo", "debian:x"))
        self.assertEqual(spec.user, "odoo")
        self.assertTrue(spec.read_only)
        self.assertNotIn(FACTS["password"], repr(spec.to_engine()))

    def test_backend(self):
        base = self._base("backend")
        self.assertEqual(
            self.driver.base_backend(base),
            {"host": self.exec.name, "port": 8069, "longpolling_port": 8072},
        )
        line = self.service.option_ids.filtered(lambda one: one.name.name == "workers")
        line.value = "0"
        self.assertNotIn("longpolling_port", self.driver.base_backend(base))

    def test_templates_go_before_the_role(self):
        recipe = self.driver._recipe(self._base("gone"))
        templates = self.env["clouder.odoo.template"]
        templates._note(recipe, self.exec)
        self.exec.link_ids.state = "working"
        with self.fake_runner() as fake:
            self.driver.service_withdraw(self.exec)
        scripts = self.scripts(fake)
        self.assertIn(f'DROP DATABASE "{recipe.name}"', scripts[0])
        self.assertIn("DROP ROLE", scripts[-1])
        self.assertFalse(templates._known(recipe))
