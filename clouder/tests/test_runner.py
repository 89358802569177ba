from itertools import count
from unittest import mock

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import TransactionCase, tagged

from ..lib.engine import Engine, Tls
from ..lib.errors import EngineMissing, EngineRefused
from ..runners import docker
from ..runners.runner import RunnerMethodMissingError, RunnerMissingError
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestRunner(TransactionCase):
    """The root of all runners."""

    def test_get(self):
        runner = self.env["clouder.runner"]._get("docker")
        self.assertEqual(runner._name, "clouder.runner.docker")

    def test_get_missing(self):
        for code in ("nothing", "", False):
            with self.assertRaisesRegex(RunnerMissingError, "install the addon"):
                self.env["clouder.runner"]._get(code)

    def _methods(self):
        root = type(self.env["clouder.runner"])
        names = [name for cls in root.mro() for name in vars(cls)]
        return {
            name
            for name in names
            if getattr(getattr(root, name), "_api_private", False)
            and "runners.runner" in getattr(root, name).__module__
        }

    def test_a_method_that_a_runner_lacks_says_so(self):
        self.assertGreater(len(self._methods()), 20)
        node = self.env["clouder.node"].new({"name": "somewhere"})
        with self.assertRaisesRegex(RunnerMethodMissingError, "somewhere.*“ping”"):
            self.env["clouder.runner"].ping(node)

    def test_docker_lacks_no_method(self):
        docker = type(self.env["clouder.runner.docker"])
        for name in self._methods():
            owners = [one.__module__ for one in docker.__mro__ if name in vars(one)]
            self.assertTrue([one for one in owners if "runners.docker" in one], name)

    def test_nothing_is_callable_from_outside(self):
        for name in self._methods():
            for model in ("clouder.runner", "clouder.runner.docker"):
                with self.assertRaises(AccessError, msg=name):
                    get_public_method(self.env[model], name)


@tagged("post_install", "-at_install")
class TestRunnerDocker(HostingCase):
    """The Docker runner with an engine that only notes what it is asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runner = cls.env["clouder.runner.docker"]
        cls.store = cls._service(cls.app_store, "store")

    def setUp(self):
        super().setUp()
        self.engine = mock.create_autospec(Engine, instance=True)
        patch = mock.patch.object(Engine, "get", return_value=self.engine)
        self.get = patch.start()
        self.addCleanup(patch.stop)

    def test_the_engine_of_a_node(self):
        self.runner._engine(self.node)
        self.get.assert_called_with("unix:///var/run/docker.sock", None)
        self.node.write(
            {
                "engine_url": "tcp://far.test:2376",
                "tls_ca": "CA",
                "tls_cert": "CERT",
                "tls_key": "KEY",
            }
        )
        self.runner._engine(self.node)
        self.get.assert_called_with("tcp://far.test:2376", Tls("CA", "CERT", "KEY"))

    def test_ping(self):
        self.engine.info.return_value = {"engine_version": "9", "cpus": 2, "memory": 5}
        found = self.runner.ping(self.node)
        self.assertEqual(
            (found["version"], found["cpus"], found["memory"]), ("9", 2, 5)
        )

    def test_networks(self):
        other = self.env["clouder.environment"].create(
            {
                "name": "Other",
                "prefix": "other",
                "partner_id": self.environment.partner_id.id,
            }
        )
        self.runner.network_join(self.store, other, ["db"])
        name, labels = self.engine.network_ensure.call_args.args
        self.assertEqual(name, "clouder-other")
        self.assertEqual(labels["clouder.record"], f"clouder.environment,{other.id}")
        self.engine.network_join.assert_called_with(
            "clouder-other", "test-store", ["db"]
        )

    def test_observe(self):
        self.engine.container_inspect.return_value = {
            "Id": "abc",
            "Image": "sha256:1",
            "State": {
                "Status": "running",
                "Health": {"Status": "unhealthy"},
                "StartedAt": "2026-11-22T20:28:11.123456789Z",
            },
        }
        seen = self.runner.observe(self.store)
        self.assertEqual(seen["summary"], "running (unhealthy)")
        self.assertEqual(str(seen["started_at"]), "2026-11-22 20:28:11")
        self.engine.container_inspect.return_value = None
        self.assertEqual(
            self.runner.observe(self.store), {"state": "missing", "summary": "missing"}
        )
        state = {"Status": "exited", "ExitCode": 3}
        self.assertEqual(self.runner._summary(state, ""), "exited (status 3)")
        self.assertIs(self.runner._when("0001-01-01T00:00:00Z"), False)

    def test_the_log_is_asked_for_cancellation_once_a_second(self):
        job = type(self.env["clouder.job"])
        clock = mock.patch.object(docker.time, "monotonic", side_effect=count(0, 0.01))
        with mock.patch.object(job, "_check_cancelled") as check, clock:
            listen = self.runner._listener()
            for _line in range(500):
                listen("x")
        self.assertIn(check.call_count, range(4, 11))

    def _version(self, **values):
        return self.env["clouder.image.version"].create(
            {"image_id": self.image_store.id, "name": "1", **values}
        )

    def test_an_image_is_built_once(self):
        version = self._version()
        ident = {"Id": "sha256:base", "Config": {"Labels": None}}
        self.engine.image_inspect.side_effect = lambda ref: (
            ident if ref == "debian:bookworm-slim" else None
        )
        self.engine.image_build.return_value = "sha256:built"
        self.assertEqual(self.runner.image_ensure(version, self.node), "sha256:built")
        labels = self.engine.image_build.call_args.kwargs["labels"]
        self.assertEqual(labels["clouder.from"], "sha256:base")
        placement = version._placement(self.node)
        self.assertEqual(placement.digest, "sha256:built")
        self.assertEqual(placement.fingerprint, labels["clouder.fingerprint"])
        there = {"Id": "sha256:built", "Config": {"Labels": labels}}
        self.engine.image_inspect.side_effect = lambda ref: there
        built_at = placement.built_at
        self.runner.image_ensure(version, self.node)
        self.engine.image_build.assert_called_once()
        self.assertEqual(placement.built_at, built_at)

    def test_an_image_is_known_by_its_id(self):
        version = self._version()
        labels = {
            "clouder.fingerprint": self.runner._fingerprint(
                version,
                {
                    file.path.lstrip("/"): file.content
                    for file in version._driver().image_files(version.image_id)
                },
            )
        }
        own = {"Id": "sha256:own", "Config": {"Labels": labels}}
        other = {"Id": "sha256:other", "Config": {"Labels": labels}}
        version._note_built(self.node, "sha256:own")
        self.engine.image_inspect.side_effect = {
            "sha256:own": own,
            version.reference: other,
        }.get
        self.assertEqual(self.runner.image_ensure(version, self.node), "sha256:own")
        self.engine.image_build.assert_not_called()

    def test_an_image_whose_tag_is_gone_gets_it_again(self):
        version = self._version()
        version._note_built(self.node, "sha256:own")
        known = {"sha256:own": {"Id": "sha256:own"}}
        self.engine.image_inspect.side_effect = known.get
        self.runner._image_there(version, self.node)
        self.engine.image_tag.assert_called_once_with("sha256:own", version.reference)
        known[version.reference] = {"Id": "sha256:other"}
        self.runner._image_there(version, self.node)
        self.engine.image_tag.assert_called_once()

    def test_what_runs_an_image_names_it_by_its_id(self):
        version = self._version()
        self.runner.image_run(version, self.node, ["true"])
        self.assertEqual(self.engine.run_once.call_args.args[0], version.reference)
        version._note_built(self.node, "sha256:own")
        self.runner.image_run(version, self.node, ["true"])
        self.assertEqual(self.engine.run_once.call_args.args[0], "sha256:own")

    def test_an_image_is_pulled_or_there_or_missing(self):
        image = self.env["clouder.image"].create(
            {"name": "pulled", "pull_reference": "registry.test/a:1"}
        )
        version = self._version(image_id=image.id)
        self.engine.image_inspect.return_value = None
        self.engine.image_pull.return_value = None
        with self.assertRaisesRegex(EngineMissing, "nor in a registry"):
            self.runner.image_ensure(version, self.node)
        self.engine.image_pull.return_value = "sha256:pulled"
        self.runner.image_ensure(version, self.node)
        self.engine.image_tag.assert_called_with("sha256:pulled", "clouder/pulled:1")
        self.engine.image_inspect.return_value = {"Id": "sha256:pulled"}
        self.assertEqual(self.runner.image_outdated(version, self.node), [])
        self.engine.image_pull.return_value = "sha256:newer"
        self.assertEqual(
            self.runner.image_outdated(version, self.node), ["registry.test/a:1"]
        )

    def test_a_newer_base_image_is_noticed(self):
        version = self._version()
        labels = {"clouder.from": "sha256:old"}
        there = {"Id": "sha256:built", "Config": {"Labels": labels}}
        self.engine.image_inspect.return_value = there
        self.engine.image_pull.return_value = "sha256:new"
        self.assertEqual(
            self.runner.image_outdated(version, self.node), ["debian:bookworm-slim"]
        )
        self.engine.image_pull.return_value = "sha256:old"
        outputs = {
            "sha256:built": "Inst bash [1] (2 x)\nInst nginx [7] (8 x)\nConf bash\n",
            "sha256:old": "Inst bash [1] (2 x)\nInst nginx [6] (8 x)\n",
        }
        self.engine.run_once.side_effect = lambda image, *_args, **_options: mock.Mock(
            status=0, output=outputs[image]
        )
        self.assertEqual(self.runner.image_outdated(version, self.node), ["nginx"])

    def test_the_way_to_a_port(self):
        port = self.store.port_ids
        port.write({"expose": "internet", "hostport": 20001})
        self.assertEqual(
            self.runner.port_address(self.store, "sql"), ("127.0.0.1", 20001)
        )
        self.node.publish_ip = "192.0.2.7"
        self.assertEqual(
            self.runner.port_address(self.store, "sql"), ("192.0.2.7", 20001)
        )
        port.write({"expose": "local", "hostport": 0})
        self.engine.container_inspect.return_value = {
            "NetworkSettings": {"Networks": {"clouder-test": {"IPAddress": "10.0.0.9"}}}
        }
        self.assertEqual(
            self.runner.port_address(self.store, "sql"), ("10.0.0.9", 5432)
        )
        self.engine.container_inspect.return_value = None
        with self.assertRaisesRegex(EngineMissing, "does not run"):
            self.runner.port_address(self.store, "sql")
        with self.assertRaisesRegex(EngineRefused, "no port called"):
            self.runner.port_address(self.store, "nothing")

    def test_a_port_far_away_is_asked_where_it_is_published(self):
        self.node.write({"engine_url": "tcp://far.test:2376", "private_ip": "10.1.1.1"})
        with self.assertRaisesRegex(EngineRefused, "is not published"):
            self.runner.port_address(self.store, "sql")
        self.store.port_ids.write({"expose": "internet", "hostport": 20001})
        self.assertEqual(
            self.runner.port_address(self.store, "sql"), ("10.1.1.1", 20001)
        )

    def test_a_volume_that_cannot_be_given_is_not_kept(self):
        self.store.volume_ids.write({"user": "store", "readonly": True})
        self.store.image_version_id = self._version()
        self.engine.volume_ensure.return_value = True
        self.engine.volumes_give.side_effect = EngineRefused("no such user")
        with self.assertRaises(EngineRefused):
            self.runner.volumes_ensure(self.store)
        self.assertEqual(self.engine.volume_remove.call_args.args[0], "test-store.lib")

    def test_only_files_of_other_versions_are_trimmed(self):
        """No data, nothing of another service, nothing that a container holds."""
        volumes = (
            "test-store.code.1.0",
            "test-store.code.1.1",
            "test-store.lib.1.0",
            "test-store.code.2.0",
            "test-store.code",
            "test-store-files.code.1.0",
        )
        self.engine.volume_list.return_value = [{"Name": name} for name in volumes]
        self.engine.volume_remove.side_effect = lambda name, _labels: (
            self._refuse("in use") if name == "test-store.code.1.1" else True
        )
        gone = self.runner.volumes_trim(self.store, ["2.0"])
        self.assertEqual(gone, ["test-store.code.1.0", "test-store.lib.1.0"])
        labels = self.runner._labels(self.store)
        self.engine.volume_list.assert_called_once_with(labels)
        for call in self.engine.volume_remove.call_args_list:
            self.assertEqual(call.args[1], labels)

    def _refuse(self, why):
        raise EngineRefused(why)

    def test_a_container_gives_its_volumes_to_their_users(self):
        self.store.volume_ids.user = "store"
        self.store.image_version_id = self._version()
        self.engine.volume_ensure.return_value = True
        self.runner.volumes_ensure(self.store)
        self.engine.volumes_give.assert_not_called()
        self.runner.container_ensure(self.store, self.store._spec())
        path = self.store.volume_ids.localpath
        self.assertEqual(
            self.engine.container_ensure.call_args.args[2], {path: "store"}
        )

    def test_a_container_of_another_record_is_left_alone(self):
        """Nothing is run, started or mounted where the name is another record's."""
        refused = EngineRefused("It belongs to another record.")
        self.engine.container_check.side_effect = refused
        for touch in (
            lambda: self.runner.exec(self.store, ["id"]),
            lambda: self.runner.container_start(self.store),
            lambda: self.runner.container_stop(self.store),
            lambda: self.runner.container_restart(self.store),
            lambda: self.runner.signal(self.store, "HUP"),
            lambda: self.runner.files_put(self.store, []),
            lambda: self.runner.file_get(self.store, "/etc/passwd"),
            lambda: self.runner.network_join(self.store, self.environment, []),
        ):
            with self.assertRaises(EngineRefused):
                touch()
        labels = self.engine.container_check.call_args.args[1]
        self.assertEqual(labels["clouder.record"], f"clouder.service,{self.store.id}")

    def test_a_volume_of_another_record_is_not_mounted(self):
        self.store.image_version_id = self._version()
        self.engine.volume_check.side_effect = EngineRefused("Another record's.")
        with self.assertRaises(EngineRefused):
            self.runner.container_ensure(self.store, self.store._spec())
        self.engine.container_ensure.assert_not_called()
