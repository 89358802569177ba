import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestService(HostingCase):
    def test_name_is_prefix_and_suffix(self):
        self.assertEqual(self._service(self.app_store, "db").name, "test-db")

    def test_a_name_is_given_once_in_all_environments(self):
        """Prefix and suffix of two environments can give the same name."""
        self._service(self.app_store, "x-db")
        partner = self.environment.partner_id
        other = self.env["clouder.environment"].create(
            {"name": "Other", "prefix": "test-x", "partner_id": partner.id}
        )
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(psycopg2.errors.UniqueViolation, "name_uniq"),
            self.cr.savepoint(),
        ):
            self._service(self.app_store, "db", environment_id=other.id)

    def test_children_are_created_in_order(self):
        self._service(self.app_store, "db")
        shop = self._service(self.app_shop, "shop")
        self.assertEqual(
            shop._tree().mapped("suffix"),
            ["shop-data", "shop-files", "shop-exec", "shop"],
        )
        forms = [service._form() for service in shop._tree()]
        self.assertEqual(forms, ["volumes", "files", "process", "none"])

    def test_an_optional_child_is_there_but_not_deployed(self):
        self._service(self.app_store, "db")
        self.app_shop.child_ids.filtered(
            lambda one: one.code == "files"
        ).required = False
        shop = self._service(self.app_shop, "shop")
        optional = shop.child_ids.filtered(lambda one: one.suffix == "shop-files")
        self.assertEqual(optional.state, "draft")
        deployed = {service for service, _hook in shop._job_steps("deploy")}
        self.assertNotIn(optional, deployed)
        optional.wanted = "running"
        deployed = {service for service, _hook in shop._job_steps("deploy")}
        self.assertIn(optional, deployed)

    def test_purge_goes_in_reverse(self):
        self._service(self.app_store, "db")
        shop = self._service(self.app_shop, "shop")
        steps = [service.suffix for service, _hook in shop._job_steps("purge")]
        self.assertEqual(
            list(dict.fromkeys(steps)), ["shop", "shop-exec", "shop-files", "shop-data"]
        )

    def test_missing_required_link_is_refused_and_named(self):
        with self.assertRaisesRegex(ValidationError, "needs a link to: .*[Dd]atabase"):
            self._service(self.app_shop, "shop")

    def test_the_first_fitting_service_is_linked(self):
        store = self._service(self.app_store, "db")
        shop = self._service(self.app_shop, "shop")
        self.assertEqual(shop._exec_service().link_ids.target, store)

    def test_the_parents_choice_is_taken_first(self):
        self._service(self.app_store, "db")
        other = self._service(self.app_store, "other")
        link = self.app_shop.child_ids.link_ids
        shop = self._service(
            self.app_shop,
            "shop",
            link_ids=[
                Command.create({**link._line_values(), "target": other.id}),
            ],
        )
        self.assertEqual(shop._exec_service().link_ids.target, other)

    def test_the_form_suggests_what_rpc_gets(self):
        self._service(self.app_store, "db")
        by_rpc = self._service(self.app_shop, "rpc")
        with Form(self.env["clouder.service"]) as form:
            form.environment_id = self.environment
            form.application_id = self.app_shop
            form.suffix = "form"
        by_form = form.record
        for field, name in (
            ("option_ids", "display_name"),
            ("link_ids", "code"),
            ("port_ids", "display_name"),
            ("volume_ids", "display_name"),
        ):
            with self.subTest(field=field):
                suggested = by_rpc[field].mapped(name)
                self.assertEqual(by_form[field].mapped(name), suggested)
        self.assertEqual(by_form.node_id, self.node)
        self.assertEqual(len(by_form.child_ids), 3)

    def test_options_reach_the_container(self):
        self._service(self.app_store, "db")
        shop = self._service(self.app_shop, "shop")
        options = {line.name.name: line for line in shop.option_ids}
        options["workers"].value = "5"
        options["token"].value = "planted-canary-value"
        process = shop._exec_service()
        for service in shop._tree().filtered("image_id"):
            service.image_version_id = service.image_id._new_version()
        spec = process._spec()
        self.assertEqual(spec.env["WORKERS"], "5")
        self.assertNotIn("planted-canary-value", str(spec.env))
        self.assertEqual(
            [file.content for file in spec.files if file.path.endswith("/token")],
            [b"planted-canary-value"],
        )

    def test_the_process_mounts_its_siblings_volumes(self):
        self._service(self.app_store, "db")
        shop = self._service(self.app_shop, "shop")
        for service in shop._tree():
            if service.image_id:
                service.image_version_id = service.image_id._new_version()
        process = shop._exec_service()
        targets = {mount.target: mount.volume for mount in process._mounts()}
        self.assertEqual(targets["/srv/data"], "test-shop-data.files")
        self.assertIn("test-shop-files.code.", targets["/srv/code"])

    def test_a_published_port_gets_a_free_number(self):
        self._service(self.app_store, "db")
        first = self._service(self.app_shop, "one")._exec_service()
        second = self._service(self.app_shop, "two")._exec_service()
        self.assertEqual(first.port_ids.hostport, 20000)
        self.assertEqual(second.port_ids.hostport, 20001)
        self._service(self.app_shop, "three")
        with self.assertRaisesRegex(UserError, "no free port left"):
            self._service(self.app_shop, "four")

    def test_a_port_that_is_published_later_gets_one_with_the_deployment(self):
        service = self._service(self.app_store, "db")
        service.port_ids.expose = "internet"
        self.assertFalse(service.port_ids.hostport)
        service.deploy()
        self.assertEqual(service.port_ids.hostport, 20000)

    def test_a_copy_publishes_other_ports(self):
        service = self._service(self.app_store, "db")
        service.port_ids.expose = "internet"
        service.deploy()
        twin = service.copy({"suffix": "twin"})
        self.assertEqual(twin.port_ids.hostport, 20001)

    def test_no_link_is_chosen_across_customers(self):
        """Whoever may use the services of several customers is no exception."""
        employee = new_test_user(self.env, "emil", groups="clouder.group_deployer")
        other = self.env["res.partner"].create({"name": "Other"})
        theirs = self.environment.copy({"prefix": "theirs", "partner_id": other.id})
        (self.environment | theirs).user_ids = employee
        self._service(self.app_store, "db", environment_id=theirs.id)
        services = self.env["clouder.service"].with_user(employee)
        values = {
            "environment_id": self.environment.id,
            "application_id": self.app_shop.id,
            "suffix": "shop",
        }
        self.node.public = True
        with self.assertRaisesRegex(ValidationError, "needs a link to"):
            services.create(values)
        beside = self.environment.copy({"prefix": "beside"})
        beside.user_ids = employee
        store = self._service(self.app_store, "db", environment_id=beside.id)
        shop = services.create({**values, "suffix": "again"})
        self.assertEqual(shop.sudo()._exec_service().link_ids.target, store)

    def test_what_names_things_cannot_change(self):
        store = self._service(self.app_store, "db")
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            store.suffix = "other"

    def test_a_changed_setting_is_to_be_applied(self):
        store = self._service(self.app_store, "db")
        store.memory_limit = 64
        self.assertFalse(store.to_apply, "a draft")
        store.write({"state": "running", "deployed_at": "2026-01-01"})
        store.memory_limit = store.memory_limit
        self.assertFalse(store.to_apply)
        store.memory_limit = 512
        self.assertTrue(store.to_apply)

    def test_a_service_with_bases_is_not_deleted(self):
        self._service(self.app_store, "db")
        shop = self._service(self.app_shop, "shop")
        self.env["clouder.base"].create(
            {
                "name": "hello",
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": shop.id,
            }
        )
        with self.assertRaisesRegex(UserError, "hello.example.test"):
            shop.unlink()

    def test_deleting_takes_the_tree(self):
        self._service(self.app_store, "db")
        shop = self._service(self.app_shop, "shop")
        tree = shop._tree()
        shop.unlink()
        self.assertFalse(tree.exists())

    def test_deleting_takes_a_tree_whose_parts_are_linked(self):
        parts = self.app_store | self.app_shop
        whole = self._application(
            "whole", self.type_shop, base=True, child_ids=[Command.set(parts.ids)]
        )
        service = self._service(whole, "all")
        tree = service._tree()
        self.assertTrue(tree.link_ids.filtered(lambda link: link.target in tree))
        service.unlink()
        self.assertFalse(tree.exists())
