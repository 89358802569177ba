import json

from odoo.tests import tagged

from odoo.addons.clouder.lib.errors import CommandFailed, EngineMissing
from odoo.addons.clouder.lib.spec import ContainerSpec
from odoo.addons.clouder.tests.driver_case import DriverCase

from ..lib.failure import SqlFailed


@tagged("post_install", "-at_install")
class TestPostgresDriver(DriverCase):
    driver_code = "postgres"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "clouder_no_deploy": True})
        cls.driver = cls.env["clouder.driver"]._get(cls.driver_code)
        cls.environment = cls.env["clouder.environment"].create(
            {"name": "Postgres test", "prefix": "pgtest"}
        )
        cls.node = cls.env["clouder.node"].create({"name": "pgtest", "public": True})
        cls.application = cls.env.ref("clouder_template_postgres.application_postgres")
        cls.service = cls.set_running(cls._service(cls.application, "postgres"))

    @classmethod
    def _service(cls, application, suffix):
        return cls.env["clouder.service"].create(
            {
                "environment_id": cls.environment.id,
                "application_id": application.id,
                "suffix": suffix,
                "node_id": cls.node.id,
            }
        )

    def _consumer(self):
        """Return a service that is linked to the PostgreSQL of this test."""
        application = self.env["clouder.application"].create(
            {
                "name": "Consumer",
                "code": "pg-consumer",
                "type_id": self.application.type_id.id,
                "current_version": "1",
                "default_image_id": self.application.default_image_id.id,
                "template_ids": [
                    (
                        6,
                        0,
                        self.env.ref("clouder_template_postgres.template_postgres").ids,
                    )
                ],
            }
        )
        return self._service(application, "consumer")

    def _scripts(self, fake):
        return [call[3]["stdin"].decode() for call in fake.calls if call[0] == "exec"]

    def test_superuser_password_is_generated_and_secret(self):
        line = self.service.option_ids.filtered(
            lambda one: one.name.name == "superuser_password"
        )
        self.assertEqual(len(line._clear_value()), 32)
        self.assertFalse(line.value_plain)

    def test_configuration_is_rendered_from_options(self):
        files = {file.path: file for file in self.driver.service_files(self.service)}
        text = files["/etc/clouder/postgresql.conf"].content.decode()
        self.assertIn("shared_buffers = '256MB'", text)
        self.assertIn("max_connections = 200", text)
        self.assertIn(b"scram-sha-256", files["/etc/clouder/pg_hba.conf"].content)

    def test_container_is_not_root_and_stops_fast(self):
        spec = self.driver.service_spec(self.service, ContainerSpec("pg", "debian:x"))
        self.assertEqual((spec.user, spec.stop_signal), ("postgres", "SIGINT"))
        self.assertTrue(spec.read_only)

    def test_secrets_reach_psql_on_its_input_only(self):
        password = self.service._option("superuser_password")
        with self.fake_runner() as fake:
            self.driver.service_configure(self.service)
        self.assertEqual([argv[0] for argv in fake.argvs()], ["psql"])
        self.assertNotIn(password, json.dumps(fake.argvs()))
        (script,) = self._scripts(fake)
        self.assertNotIn(password, script, "only its verifier travels")
        self.assertIn("SCRAM-SHA-256$", script)

    def test_link_keeps_its_password(self):
        link = self._consumer().link_ids
        self.assertEqual(link.target, self.service)
        with self.fake_runner() as fake:
            link._deploy()
            first = link._facts()
            link._deploy()
        self.assertEqual(link._facts(), first)
        self.assertEqual(first["host"], "pgtest-postgres")
        self.assertEqual(first["user"], f"pgtest_consumer_s{link.id}")
        self.assertEqual(len(set(self._scripts(fake))), 1, "the same script both times")

    def test_each_link_has_a_role_of_its_own(self):
        """Two links of one service, and the same name a second time, share none."""
        consumer = self._consumer()
        link = consumer.link_ids
        other = link.copy({"service_id": consumer.id})
        with self.fake_runner() as fake:
            users = [self.driver.link_provide(one)["user"] for one in (link, other)]
            self.driver.link_withdraw(link)
        self.assertEqual(len(set(users)), 2)
        for script, one in zip(self._scripts(fake), (link, other), strict=False):
            self.assertIn(f"clouder.service.link,{one.id}", script)

    def test_a_role_keeps_its_name(self):
        """The role of a link that was set up by an earlier release owns its databases."""
        link = self._consumer().link_ids
        link.facts = json.dumps({"user": "pgtest_consumer", "password": "old"})
        with self.fake_runner():
            facts = self.driver.link_provide(link)
        self.assertEqual((facts["user"], facts["password"]), ("pgtest_consumer", "old"))

    def test_withdraw_works_when_the_server_is_gone(self):
        link = self._consumer().link_ids
        with self.fake_runner() as fake:
            link._deploy()
            fake.fail("exec", EngineMissing("gone"))
            link._withdraw_all()
            self.assertEqual(link.state, "withdrawing", "its data comes back with it")
            link.target._tree().state = "purged"
            link._withdraw_all()
        self.assertEqual(link.state, "withdrawn")

    def test_withdraw_of_a_link_never_set_up_does_nothing(self):
        link = self._consumer().link_ids
        with self.fake_runner() as fake:
            self.driver.link_withdraw(link)
        self.assertFalse(fake.calls)

    def test_failure_is_one_sentence(self):
        with self.fake_runner() as fake:
            fake.fail(
                "exec",
                CommandFailed(
                    ["psql"], 3, 'psql:<stdin>:1: ERROR:  no role "x"\n', "pg"
                ),
            )
            with self.assertRaisesRegex(
                SqlFailed, r'pgtest-postgres refused: no role "x"$'
            ):
                self.driver.database_create(self.service, "a.test", "x")

    def test_database_hooks_look_first(self):
        with self.fake_runner({"psql": "a.test\nb.test\n"}) as fake:
            self.assertEqual(
                self.driver.database_list(self.service), {"a.test", "b.test"}
            )
            self.driver.database_create(self.service, "c.test", "owner")
            self.driver.database_drop(self.service, "c.test")
        _list, create, drop = self._scripts(fake)
        self.assertIn("\\if :clouder_wanted\nCREATE DATABASE", create)
        self.assertIn("\\if :clouder_wanted\nALTER DATABASE", drop)
