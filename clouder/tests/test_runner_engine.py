import socket
import uuid

from odoo.fields import Command
from odoo.tests import tagged

from ..lib.errors import CommandFailed, ImageBuildFailed
from ..lib.http import HttpFailed
from ..lib.labels import LABEL_DATABASE
from ..lib.spec import File
from .hosting_case import HostingCase

BODY = """RUN useradd --system store && mkdir -p /srv/code && echo 1 > /srv/code/release
CMD ["sleep", "infinity"]
"""
OUTDATED = (
    "RUN sed -i '/^Package: tzdata$/,/^$/s/^Version: .*/Version: 1.0/' "
    "/var/lib/dpkg/status\n"
)


@tagged("post_install", "-at_install", "-standard", "clouder_engine")
class TestRunnerEngine(HostingCase):
    """The Docker runner against the real engine of this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runner = cls.env["clouder.runner.docker"]
        # Nothing of a copy of this database may be taken for this test's.
        cls.database = str(uuid.uuid4())
        cls.env["ir.config_parameter"].set_param("database.uuid", cls.database)
        cls.environment.prefix = "test-engine"
        cls.image_store.write(
            {
                "name": "test-engine",
                "dockerfile": BODY,
                "volume_ids": [
                    Command.create(
                        {"name": "code", "localpath": "/srv/code", "user": "www-data"}
                    )
                ],
            }
        )
        cls.store = cls._service(cls.app_store, "store")
        cls.store.image_version_id = cls.image_store._new_version(cls.app_store)
        cls.engine = cls.runner._engine(cls.node)

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clear)

    def _clear(self):
        """Leave nothing of this test on the engine."""
        labels = {LABEL_DATABASE: self.database}
        for one in self.engine.container_list(labels):
            self.engine.api.remove_container(one["Id"], force=True)
        for one in self.engine.volume_list(labels):
            self.engine.volume_remove(one["Name"], labels)
        for prefix in ("test-engine", "test-other"):
            self.engine.network_remove(f"clouder-{prefix}", labels)
        for version in self.image_store.version_ids:
            self.runner.image_remove(version, self.node)

    def _deployed(self):
        self.runner.image_ensure(self.store.image_version_id, self.node)
        self.runner.network_ensure(self.store)
        self.runner.volumes_ensure(self.store)
        return self.runner.container_ensure(self.store, self.store._spec())

    def test_the_life_of_a_service(self):
        self.assertEqual(self._deployed(), "created")
        first = self.runner.observe(self.store)
        self.assertEqual(first["state"], "running")
        self.runner.container_ready(self.store, ["true"], 30)
        self.runner.container_commit(self.store)
        self.assertEqual(self._deployed(), "unchanged")
        self.assertEqual(self.runner.observe(self.store), first)
        owner = self.runner.exec(self.store, ["stat", "-c", "%U", "/srv/code"]).output
        self.assertEqual(owner, "www-data\n")
        self._look_inside()
        self._replace(first)
        self._purge()

    def _look_inside(self):
        with self.assertRaises(CommandFailed):
            self.runner.exec(self.store, ["false"])
        echoed = self.runner.exec(self.store, ["cat"], stdin=b"in")
        self.assertEqual(echoed.output, "in")
        self.runner.files_put(self.store, [File("/srv/code/x", b"put")])
        self.assertEqual(self.runner.file_get(self.store, "/srv/code/x"), b"put")

    def _replace(self, first):
        other = self.env["clouder.environment"].create(
            {
                "name": "Other",
                "prefix": "test-other",
                "partner_id": self.environment.partner_id.id,
            }
        )
        self.runner.network_join(self.store, other, ["db"])
        self.store.memory_limit = 128
        self.assertEqual(self._deployed(), "replaced")
        self.assertTrue(self.runner.container_rollback(self.store))
        self.assertEqual(
            self.runner.observe(self.store)["engine_ref"], first["engine_ref"]
        )
        self.assertEqual(self._deployed(), "replaced")
        self.runner.container_commit(self.store)
        self.assertFalse(self.runner.container_rollback(self.store))
        found = self.engine.container_inspect(self.store.name)
        self.assertIn("clouder-test-other", found["NetworkSettings"]["Networks"])
        self.runner.network_leave(self.store, other)
        self._delete(other)

    def _delete(self, other):
        """A deleted environment leaves no network, whoever was still in it."""
        self.runner.network_join(self.store, other, ["db"])
        self.node.state = "online"
        other.unlink()
        self.assertFalse(self.engine.network_find("clouder-test-other"))
        found = self.engine.container_inspect(self.store.name)
        self.assertNotIn("clouder-test-other", found["NetworkSettings"]["Networks"])

    def _purge(self):
        self.runner.container_stop(self.store)
        self.assertIn("exited", self.runner.observe(self.store)["summary"])
        self.runner.container_remove(self.store)
        self.assertEqual(self.runner.observe(self.store)["state"], "missing")
        name = self.store._volume_name(self.store.volume_ids.filtered("user"))
        self.assertTrue(self.engine.volume_inspect(name))
        self.runner.volumes_remove(self.store)
        self.assertFalse(self.engine.volume_inspect(name))

    def test_a_failing_build_says_why(self):
        self.image_store.dockerfile = "RUN echo because >&2; exit 5"
        version = self.env["clouder.image.version"].create(
            {"image_id": self.image_store.id, "name": "failing"}
        )
        with self.assertRaises(ImageBuildFailed) as caught:
            self.runner.image_ensure(version, self.node)
        self.assertIn("because", caught.exception.detail)

    def test_a_fresh_image_has_no_newer_packages(self):
        version = self.store.image_version_id
        self.runner.image_ensure(version, self.node)
        self.assertEqual(self.runner.image_outdated(version, self.node), [])

    def test_an_outdated_package_is_noticed(self):
        """Debian offers a newer release than the one the image says it has."""
        self.image_store.dockerfile = BODY + OUTDATED
        version = self.image_store._new_version(self.app_store)
        self.runner.image_ensure(version, self.node)
        self.assertEqual(self.runner.image_outdated(version, self.node), ["tzdata"])

    def test_ports(self):
        self._deployed()
        with self.assertRaises(HttpFailed):
            self.runner.http_get(self.store, "sql", "a.test", "/")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.node.publish_ip = "127.0.0.1"
            number = taken.getsockname()[1]
            self.assertFalse(self.runner.host_port_free(self.node, number))
        self.assertTrue(self.runner.host_port_free(self.node, number))
