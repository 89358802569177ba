from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestDependencyGraph(HostingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store = cls._service(cls.app_store, "db")
        cls.shop = cls._service(cls.app_shop, "shop")
        cls.base = cls.env["clouder.base"].create(
            {
                "name": "hello",
                "domain_id": cls.domain.id,
                "environment_id": cls.environment.id,
                "application_id": cls.app_shop.id,
                "service_id": cls.shop.id,
            }
        )
        (cls.store | cls.shop._tree()).write(
            {"state": "running", "deployed_at": fields.Datetime.now()}
        )

    def _named(self, graph):
        return {node["name"]: node for node in graph["nodes"]}

    def test_of_an_environment(self):
        graph = self.environment.dependency_graph()
        nodes = self._named(graph)
        self.assertEqual(
            set(nodes),
            {
                "hello.example.test",
                "test-shop",
                "test-shop-data",
                "test-shop-files",
                "test-shop-exec",
                "test-db",
            },
        )
        columns = [
            nodes[name]["column"]
            for name in ("hello.example.test", "test-shop", "test-shop-exec", "test-db")
        ]
        self.assertEqual(columns, [0, 1, 2, 3], "what is needed stands to the right")
        (link,) = (edge for edge in graph["edges"] if edge["kind"] == "link")
        self.assertEqual(
            (link["source"], link["target"], link["code"], link["state"]),
            (
                f"clouder.service,{self.shop._exec_service().id}",
                f"clouder.service,{self.store.id}",
                "database",
                "waiting",
            ),
        )
        self.assertEqual(graph["hidden"], 0)

    def test_of_a_service_both_ways(self):
        nodes = self._named(self.store.dependency_graph())
        self.assertIn("test-shop-exec", nodes, "who depends on it")
        nodes = self._named(self.shop.dependency_graph())
        self.assertLessEqual({"hello.example.test", "test-db"}, set(nodes))

    def test_of_a_base(self):
        nodes = self._named(self.base.dependency_graph())
        self.assertLessEqual({"hello.example.test", "test-shop", "test-db"}, set(nodes))

    def test_what_may_not_be_read_has_no_name(self):
        stranger = self.env["clouder.environment"].create(
            {"name": "Other", "prefix": "other"}
        )
        user = self.env["res.users"].create(
            {
                "name": "Deployer",
                "login": "graph-deployer",
                "group_ids": [Command.set(self.env.ref("clouder.group_deployer").ids)],
            }
        )
        with self.assertRaises(AccessError):
            stranger.with_user(user).dependency_graph()
        self.env.cr.execute(
            "UPDATE clouder_service SET environment_id = %s WHERE id = %s",
            [stranger.id, self.store.id],
        )
        self.store.invalidate_recordset()
        self.environment.user_ids |= user
        graph = self.environment.with_user(user).dependency_graph()
        hidden = self._named(graph)["Elsewhere"]
        self.assertEqual((hidden["res_id"], hidden["state"]), (False, "unknown"))
        self.assertNotIn("test-db", str(graph))

    def test_a_drawing_stays_readable(self):
        self.env["clouder.base"].create(
            [
                {
                    "name": f"b{number}",
                    "domain_id": self.domain.id,
                    "environment_id": self.environment.id,
                    "application_id": self.app_shop.id,
                    "service_id": self.shop.id,
                }
                for number in range(35)
            ]
        )
        graph = self.environment.dependency_graph()
        bases = [node for node in graph["nodes"] if node["model"] == "clouder.base"]
        self.assertEqual((len(bases), graph["hidden"]), (30, 6))
