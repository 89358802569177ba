from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import HOSTILE, CatalogueCase


@tagged("post_install", "-at_install")
class TestImage(CatalogueCase):
    def test_dockerfile(self):
        self.image.write(
            {
                "dockerfile": "RUN apt-get update\nUSER shop",
                "port_ids": [
                    Command.create({"name": "http", "local_port": 8080}),
                    Command.create({"name": "dns", "local_port": 53, "udp": True}),
                ],
                "volume_ids": [
                    Command.create({"name": "data", "localpath": "/var/shop"})
                ],
            }
        )
        self.assertEqual(
            self.image.computed_dockerfile,
            "FROM debian:bookworm-slim\n"
            "RUN apt-get update\n"
            "USER shop\n"
            'LABEL clouder.image="test-shop"\n'
            "EXPOSE 53/udp\n"
            "EXPOSE 8080/tcp\n"
            'VOLUME ["/var/shop"]\n',
        )

    def test_driver_writes_the_body_when_there_is_none(self):
        driver = type(self.env["clouder.driver"])
        self.patch(
            driver, "image_dockerfile", lambda self, image: f"# for {image.name}"
        )
        self.assertIn("# for test-shop", self.image.computed_dockerfile)
        self.image.dockerfile = "RUN true"
        self.assertNotIn("# for", self.image.computed_dockerfile)

    def test_name(self):
        for name in HOSTILE:
            with self.subTest(name=name[:30]), self.assert_refused():
                self.image.copy({"name": name or False})

    def test_one_source(self):
        with self.assert_refused("check constraint"):
            self.image.copy({"name": "two", "pull_reference": "odoo:19"})
        for reference in ("debian\nRUN id", "$(id)", "-v", "a b"):
            with self.subTest(reference=reference), self.assert_refused():
                self.image.parent_from = reference

    def test_image_used_as_it_is(self):
        image = self.image.copy(
            {"name": "odoo", "parent_from": False, "pull_reference": "odoo:19"}
        )
        self.assertFalse(image.computed_dockerfile)
        self.assertEqual(image._new_version().pull_reference, "odoo:19")

    def test_ports_and_volumes(self):
        for values in (
            {"name": "x", "local_port": 0},
            {"name": "x", "local_port": 65536},
            {"name": "x y", "local_port": 80},
            {"name": "$(id)", "local_port": 80},
        ):
            with self.subTest(values=values), self.assert_refused():
                self.image.port_ids = [Command.create(values)]
        for path in ("relative", "/", "/a/../b", "/a\nRUN id", "/$(id)", '/"', "/a//b"):
            with self.subTest(path=path), self.assert_refused():
                self.image.volume_ids = [
                    Command.create({"name": "v", "localpath": path})
                ]

    def test_volumes_from(self):
        self.image.volumes_from = "data, files"
        self.assertEqual(self.image._volumes_from_tags(), ["data", "files"])
        with self.assert_refused("no tag nothing"):
            self.image.volumes_from = "data,nothing"

    def test_parents(self):
        child = self.image.copy(
            {"name": "child", "parent_from": False, "parent_id": self.image.id}
        )
        with self.assert_refused("no version yet"):
            child._new_version()
        self.assertIn("no version yet", child.computed_dockerfile)
        parent_version = self.image._new_version(self.shop)
        version = child._new_version()
        self.assertEqual(version.parent_id, parent_version)
        self.assertIn(f"FROM {parent_version.reference}\n", version.dockerfile)
        with self.assert_refused("child"):
            self.image.unlink()
        with self.assert_refused("built on itself"):
            self.image.write({"parent_from": False, "parent_id": child.id})


@tagged("post_install", "-at_install")
class TestImageVersion(CatalogueCase):
    @freeze_time("2026-11-22 20:05:07")
    def test_name_and_recipe(self):
        version = self.image._new_version(self.shop)
        self.assertEqual(version.name, "1.0.20261122.200507")
        self.assertEqual(version.reference, "clouder/test-shop:1.0.20261122.200507")
        self.assertEqual(version.state, "draft")
        recipe = version.dockerfile
        self.image.dockerfile = "RUN something else"
        self.assertEqual(version.dockerfile, recipe, "a version keeps its recipe")

    def test_build_from_the_application(self):
        action = self.shop.action_build_image()
        version = self.image.version_ids
        self.assertEqual(len(version), 1)
        self.assertEqual(self.shop.next_image_version_id, version)
        self.assertEqual(version.placement_ids.node_id, self.node)
        self.assertEqual(action["res_model"], "clouder.job")
        job = self.env["clouder.job"].browse(action["res_id"])
        self.assertEqual((job.action, job.res_id), ("build", version.id))

    def test_build_from_the_image(self):
        action = self.image.action_build(self.node.id)
        version = self.env["clouder.image.version"].browse(action["res_id"])
        self.assertTrue(version.name.startswith("1.0."))
        self.assertEqual(version.last_job_id.action, "build")

    def test_outcome_of_a_build(self):
        version = self.image._new_version(self.shop)
        job = version._build(self.node)
        version._job_started(job)
        self.assertEqual(version.state, "building")
        job._end("failed", "RUN failed", "the end of the output")
        self.assertEqual((version.state, version.error), ("failed", "RUN failed"))
        version._note_built(self.node, "sha256:abc", "fingerprint")
        self.assertEqual((version.state, version.error), ("built", False))
        self.assertEqual(version._placement(self.node).digest, "sha256:abc")
        version._note_built(self.node, "sha256:def")
        self.assertEqual(len(version.placement_ids), 1)

    def test_newest_version(self):
        first = self.image._new_version(self.shop)
        self.assertEqual(self.image._newest_version(), first)
        second = first.create({"image_id": self.image.id, "name": "2.0"})
        self.assertEqual(self.image._newest_version(), second)
        first._note_built(self.node, "sha256:abc")
        self.assertEqual(self.image._newest_version(), first, "a built one is better")
        second.state = "failed"
        first.state = "failed"
        self.assertFalse(self.image._newest_version())

    def test_used_version_cannot_be_deleted(self):
        version = self.image._new_version(self.shop)
        service = self.service("shop", image_version_id=version.id)
        for record in (version, self.image):
            with self.subTest(record=record._name), self.assert_refused("test-shop"):
                record.unlink()
        service.image_version_id = False
        self.shop.next_image_version_id = version
        with self.assert_refused("Shop"):
            version.unlink()
        self.shop.next_image_version_id = False
        version.unlink()

    def test_version_with_children_cannot_be_deleted(self):
        version = self.image._new_version(self.shop)
        child = self.image.copy(
            {"name": "child", "parent_from": False, "parent_id": self.image.id}
        )
        child_version = child._new_version()
        with self.assert_refused(child_version.reference):
            version.unlink()

    def test_built_version_stays_as_it_is(self):
        version = self.image._new_version(self.shop)
        version._note_built(self.node, "sha256:abc")
        with self.assert_refused("stays as it is"):
            version.name = "other"

    def test_recipe_cannot_be_given_by_the_caller(self):
        version = self.env["clouder.image.version"].create(
            {
                "image_id": self.image.id,
                "name": "1",
                "dockerfile": "FROM evil",
                "state": "built",
            }
        )
        self.assertIn("FROM debian:bookworm-slim", version.dockerfile)
        self.assertEqual(version.state, "draft")
