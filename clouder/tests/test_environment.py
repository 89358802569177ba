from unittest import mock

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import HOSTILE, CatalogueCase
from .fake_runner import fake_runner


@tagged("post_install", "-at_install")
class TestEnvironment(CatalogueCase):
    def test_prefix(self):
        for prefix in (*HOSTILE, "a" * 21, "with_underscore"):
            with self.subTest(prefix=prefix[:30]), self.assert_refused():
                self.environment.copy({"prefix": prefix or False})

    def test_prefix_is_fixed_once_there_are_services(self):
        self.environment.prefix = "before"
        service = self.service("shop")
        self.assertEqual(service.name, "before-shop")
        with self.assert_refused("cannot change any more"):
            self.environment.prefix = "after"
        self.environment.write({"prefix": "before", "name": "Renamed"})

    def test_used_environment_cannot_be_deleted(self):
        self.service("shop")
        with self.assert_refused("test-shop"):
            self.environment.unlink()

    def test_deployer_becomes_a_member_of_what_he_makes(self):
        deployer = self.user("deployer")
        other = self.user("user")
        environment = (
            self.env["clouder.environment"]
            .with_user(deployer)
            .create({"name": "New", "prefix": "new", "user_ids": other.ids})
        )
        self.assertEqual(environment.user_ids, deployer | other)
        environment.name = "Renamed"

    def test_deployer_cannot_enter_foreign_environments(self):
        deployer = self.user("deployer")
        foreign = self.environment.with_user(deployer)
        self.assertNotIn(foreign, foreign.search([]))
        with self.assertRaises(AccessError):
            foreign.user_ids = deployer
        with self.assertRaises(AccessError):
            foreign.read(["name"])

    def test_nobody_learns_what_is_in_a_foreign_environment(self):
        self.service("shop")
        empty = self.environment.copy({"prefix": "empty"})
        (self.environment | empty).user_ids = False
        for groups in ("clouder.group_deployer", "base.group_portal"):
            user = new_test_user(self.env, groups.partition("_")[2], groups=groups)
            for environment in self.environment | empty:
                foreign = environment.with_user(user)
                with (
                    fake_runner(self.env) as fake,
                    self.subTest(groups=groups, environment=environment.prefix),
                ):
                    with self.assertRaises(AccessError):
                        foreign.unlink()
                    with self.assertRaises(AccessError):
                        foreign.prefix = "mine"
                    self.assertFalse(fake.calls)

    def test_only_administrators_choose_another_customer(self):
        deployer = self.user("deployer")
        environments = self.env["clouder.environment"].with_user(deployer)
        values = {"name": "New", "prefix": "new"}
        theirs = self.environment.partner_id
        with self.assert_refused("choose another customer"):
            environments.create({**values, "partner_id": theirs.id})
        with self.assert_refused("choose another customer"):
            environments.with_context(default_partner_id=theirs.id).create(values)
        own = environments.create(values)
        with self.assert_refused("choose another customer"):
            own.partner_id = theirs
        self.environment.user_ids |= deployer
        joined = self.environment.with_user(deployer)
        with self.assert_refused("choose another customer"):
            joined.partner_id = deployer.partner_id
        joined.write({"name": "Renamed", "partner_id": theirs.id})
        own.with_user(self.user("administrator")).partner_id = theirs

    def test_only_administrators_offer_a_service_to_all(self):
        deployer = self.user("deployer")
        self.environment.user_ids |= deployer
        service = self.service("shop")
        with self.assert_refused("offer a service to everybody"):
            service.with_user(deployer).public = True
        with self.assert_refused("offer a service to everybody"):
            service.with_user(deployer).copy({"suffix": "other", "public": True})
        service.with_user(self.user("administrator")).public = True
        service.with_user(deployer).write({"public": True, "memory_limit": 100})
        self.assertFalse(service.with_user(deployer).copy().public)

    def test_users_cannot_make_any(self):
        with self.assertRaises(AccessError):
            self.env["clouder.environment"].with_user(self.user("user")).create(
                {"name": "New", "prefix": "new"}
            )


@tagged("post_install", "-at_install")
class TestNode(CatalogueCase):
    def test_names_and_addresses(self):
        for name in HOSTILE:
            with self.subTest(name=name[:30]), self.assert_refused():
                self.node.copy({"name": name or False})
        for values in (
            {"public_ip": "1.2.3"},
            {"private_ip": "$(id)"},
            {"publish_ip": "127.0.0.1 "},
            {"engine_url": "http://evil"},
            {"engine_url": "unix:///var/run/docker.sock;id"},
            {"runner": "nothing"},
        ):
            with self.subTest(values=values), self.assert_refused():
                self.node.write(values)
        self.node.write(
            {"public_ip": "2001:db8::1", "engine_url": "tcp://10.0.0.1:2376"}
        )

    def test_ports(self):
        self.assertEqual((self.node.start_port, self.node.end_port), (20000, 29999))
        for values in (
            {"start_port": 80},
            {"end_port": 70000},
            {"start_port": 30000, "end_port": 29999},
        ):
            with self.subTest(values=values), self.assert_refused("check constraint"):
                self.node.write(values)
                self.env.flush_all()

    def test_used_node_cannot_be_deleted(self):
        node = self.node.copy({"name": "used.test"})
        self.service("shop", node_id=node.id)
        with self.assert_refused("test-shop"):
            node.unlink()
        with self.assert_refused("Shop"):
            self.node.unlink()

    def test_tls_key_is_secret(self):
        self.node.tls_key = "canary-key"
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM clouder_node WHERE id = %s", [self.node.id])
        self.assertNotIn("canary-key", str(self.env.cr.fetchall()))
        self.assertEqual(self.node._secret("tls_key"), "canary-key")
        administrator = self.node.with_user(self.user("administrator"))
        self.assertEqual(administrator.tls_key, "canary-key")
        for name in ("tls_key", "tls_cert", "engine_url"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.node.with_user(self.user("application_manager", f"m_{name}")).read(
                    [name]
                )

    def test_check_is_a_job(self):
        job = self.env["clouder.job"].browse(self.node.check())
        self.assertEqual((job.action, job.node_id), ("check", self.node))
        self.assertEqual(len(job.step_ids), 1)
        job._end("failed", "Nobody answers.")
        self.assertEqual(
            (self.node.state, self.node.error), ("offline", "Nobody answers.")
        )
        runner = type(self.env["clouder.runner.docker"])
        answer = {"version": "27.1", "cpus": 8, "memory": 16000}
        with mock.patch.object(runner, "ping", lambda self, node: answer, create=True):
            self.node._run_hook("check")
        self.assertEqual(
            (self.node.state, self.node.cpus, self.node.error), ("online", 8, False)
        )


@tagged("post_install", "-at_install")
class TestDomain(CatalogueCase):
    def test_names(self):
        for name in (*HOSTILE, "127.0.0.1", "a..b", "a_b.test"):
            with self.subTest(name=name[:30]), self.assert_refused():
                self.domain.copy({"name": name or False})

    def test_dns_service(self):
        with self.assert_refused("no DNS service"):
            self.domain.dns_id = self.service("shop")

    def test_used_domain(self):
        base = self.env["clouder.base"].create(
            {
                "name": "hello",
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.shop.id,
                "service_id": self.service("shop").id,
            }
        )
        with self.assert_refused(base.fulldomain):
            self.domain.unlink()
        with self.assert_refused("cannot be renamed"):
            self.domain.name = "other.test"

    def test_certificate_key_is_secret(self):
        self.domain.cert_key = "canary-key"
        self.assertEqual(self.domain._secret("cert_key"), "canary-key")
        with self.assertRaises(AccessError):
            self.domain.with_user(self.user("user")).read(["cert_key"])


@tagged("post_install", "-at_install")
class TestProvider(CatalogueCase):
    def test_account_is_the_administrators(self):
        provider = self.env["clouder.provider"].create(
            {"name": "Cloud", "kind": "dns", "login": "us", "secret_key": "canary"}
        )
        deployer = self.user("deployer")
        self.assertEqual(provider.with_user(deployer).name, "Cloud")
        for name in ("login", "secret_key"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                provider.with_user(deployer).read([name])


@tagged("post_install", "-at_install")
class TestProblem(CatalogueCase):
    def test_what_is_wrong_now(self):
        service = self.service("shop")
        problems = self.env["clouder.problem"]
        before = problems.search([])
        service.write({"state": "failed", "error": "No space left."})
        self.node._note_offline("Nobody answers.")
        found = problems.search([]) - before
        self.assertEqual(
            {(one.kind, one.name, one.error) for one in found},
            {
                ("service", "test-shop", "No space left."),
                ("node", "node.test", "Nobody answers."),
            },
        )
        opened = found.filtered(lambda one: one.kind == "service").action_open_record()
        self.assertEqual(
            (opened["res_model"], opened["res_id"]), ("clouder.service", service.id)
        )
        service.state = "running"
        self.assertIn("service", (problems.search([]) - before).mapped("kind"))
        service.error = False
        self.assertNotIn("service", problems.search([]).mapped("kind"))

    def test_by_environment(self):
        self.service("shop").write({"state": "failed", "error": "No."})
        deployer = self.user("deployer")
        problems = self.env["clouder.problem"].with_user(deployer)
        self.assertFalse(problems.search([]))
        self.environment.user_ids |= deployer
        self.assertEqual(problems.search([]).name, "test-shop")
