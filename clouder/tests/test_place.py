from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestParent(HostingCase):
    """Nobody gets at another customer's data by way of the tree."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store = cls._service(cls.app_store, "db", public=True)
        cls.shop = cls._service(cls.app_shop, "shop", public=True)
        cls.app_exec = cls.app_shop.child_ids.filtered(lambda one: one.code == "exec")
        cls.thief = new_test_user(cls.env, "thief", groups="clouder.group_deployer")
        cls.theirs = (
            cls.env["clouder.environment"]
            .with_user(cls.thief)
            .create({"name": "Other", "prefix": "other"})
        )
        for application in cls.app_shop.child_ids:
            application.default_image_id.public = True
        cls.node.public = True

    def _hang(self, **values):
        return (
            self.env["clouder.service"]
            .with_user(self.thief)
            .with_context(**values.pop("context", {}))
            .create(
                {
                    "environment_id": self.theirs.id,
                    "application_id": self.app_exec.id,
                    "suffix": "spy",
                    **values,
                }
            )
        )

    def test_who_may_only_look_hangs_nothing_under_it(self):
        self.shop.with_user(self.thief).check_access("read")
        with self.assertRaises(UserError):
            self._hang(parent_id=self.shop.id)
        with self.assertRaises(UserError):
            self._hang(context={"default_parent_id": self.shop.id})

    def test_a_service_stays_where_it_was_created(self):
        own = self._hang(link_ids=[self._link()])
        for environment in (self.thief, self.env.user):
            with self.assertRaisesRegex(UserError, "cannot be changed"):
                own.with_user(environment).parent_id = self.shop
        with self.assertRaises(UserError):
            self.shop.child_ids = [Command.link(own.id)]

    def _link(self):
        line = self.app_exec.link_ids._line_values()
        return Command.create({**line, "target": self.store.id})

    def test_a_part_is_in_its_parents_environment(self):
        self.app_shop.child_ids -= self.app_exec
        with self.assertRaisesRegex(ValidationError, "is no part of"):
            self._service(self.app_exec, "spy", parent_id=self.shop.id)
        self.app_shop.child_ids += self.app_exec
        with self.assertRaisesRegex(ValidationError, "must be in the environment"):
            self._service(
                self.app_exec,
                "spy",
                parent_id=self.shop.id,
                environment_id=self.theirs.id,
            )

    def test_a_part_is_on_its_parents_node(self):
        other = self.node.copy({"name": "there"})
        with self.assertRaisesRegex(ValidationError, "on the node of"):
            self._service(
                self.app_exec, "spy", parent_id=self.shop.id, node_id=other.id
            )


@tagged("post_install", "-at_install")
class TestNode(HostingCase):
    """What has data on a node stays there."""

    def setUp(self):
        super().setUp()
        self.there = self.node.copy({"name": "there"})
        self.store = self._service(self.app_store, "db")

    def test_a_deployed_service_is_not_moved(self):
        self._run(self.store._enqueue("deploy"))
        with self.assertRaisesRegex(UserError, "cannot be moved"):
            self.store.node_id = self.there
        self.store.node_id = self.node
        self._run(self.store._enqueue("purge"))
        with self.assertRaisesRegex(UserError, "cannot be moved"):
            self.store.node_id = self.there

    def test_what_is_gone_with_its_data_may_come_back_elsewhere(self):
        self._run(self.store._enqueue("deploy"))
        self._run(self.store._enqueue("purge_data"))
        self.store.node_id = self.there
        self.assertEqual(self.store.node_id, self.there)

    def test_a_service_is_not_moved_under_its_job(self):
        self.store._enqueue("deploy")
        with self.assertRaisesRegex(UserError, "cannot be moved"):
            self.store.node_id = self.there

    def test_the_parts_follow(self):
        shop = self._service(
            self.app_shop,
            "shop",
            node_id=self.node.id,
        )
        shop._tree().link_ids.make_link = False
        shop.node_id = self.there
        self.assertEqual(shop._tree().node_id, self.there)
        with self.assertRaisesRegex(ValidationError, "on the node of"):
            shop._exec_service().node_id = self.node

    def test_a_part_that_was_deployed_keeps_the_tree(self):
        shop = self._service(self.app_shop, "shop")
        shop._exec_service().deployed_at = "2026-01-01"
        with self.assertRaisesRegex(UserError, "cannot be moved"):
            shop.node_id = self.there
