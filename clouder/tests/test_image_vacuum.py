import logging

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..lib.errors import EngineRefused, EngineUnreachable
from .fake_runner import FakeRunner, fake_runner
from .hosting_case import HostingCase

LOGGER = "odoo.addons.clouder.models.image_vacuum"


class VacuumCase(HostingCase):
    """A shop that runs, whose image gets newer releases."""

    def setUp(self):
        super().setUp()
        self.patch(
            self.env.registry["ir.cron"], "_commit_progress", lambda *_a, **_n: 60
        )
        self._deploy_shop()
        self.node.state = "online"

    def updated(self, service, times=1, error=None):
        """Have ``service`` updated to newer images; return the versions, oldest first."""
        for _time in range(times):
            runner = FakeRunner()
            runner.results["image_outdated"] = ["openssl 3.0.15"]
            if error:
                runner.fail("container_ready", error)
            job = service._enqueue("update")
            self._run(job, runner)
            self.assertEqual(job.state, "failed" if error else "done", job.error)
        return service.image_id.version_ids.sorted("id")

    def vacuum(self, **failures):
        """Run the scheduled action; return the runner that it asked."""
        with fake_runner(self.env) as fake:
            for method, error in failures.items():
                fake.fail(method, error)
            self.env["clouder.image.version"]._cron_vacuum()
        return fake

    def removed(self, fake):
        """Return the references of the images that were to be removed, in order."""
        return [call[1] for call in fake.calls if call[0] == "image_remove"]


@tagged("post_install", "-at_install")
class TestImageVacuum(VacuumCase):
    """Old versions that nothing uses: deleted, with their images on the nodes."""

    def test_the_newest_are_kept(self):
        versions = self.updated(self.process, 5)
        old, kept = versions[:3], versions[3:]
        references = old.mapped("reference")
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            fake = self.vacuum()
        self.assertEqual(self.process.image_id.version_ids, kept.sorted())
        self.assertEqual(self.removed(fake), references[::-1])
        self.assertIn(f"{references[0]} is old and unused", logs.output[-1])
        self.assertEqual(self.process.image_version_id, kept[-1])
        self.assertEqual(self.removed(self.vacuum()), [], "nothing is left to do")

    def test_the_scheduled_action(self):
        versions = self.updated(self.process, 3)
        cron = self.env.ref("clouder.clouder_image_version_cron_vacuum")
        self.env.flush_all()
        with self.enter_registry_test_mode(), fake_runner(self.env):
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(versions.exists(), versions[1:])

    def test_all_are_kept(self):
        versions = self.updated(self.process, 4)
        self.process.image_id.versions_to_keep = 0
        self.vacuum()
        self.assertEqual(versions.exists(), versions)

    def test_what_the_service_ran_before_is_kept(self):
        versions = self.updated(self.process, 3)
        self.process.image_id.versions_to_keep = 1
        self.vacuum()
        self.assertEqual(versions.exists(), versions[2:])
        self.assertEqual(self.process.former_version_id, versions[2])

    def test_what_serves_is_kept_until_a_newer_one_is_proven(self):
        old = self.process.image_version_id
        versions = self.updated(self.process, 3, EngineRefused("unhealthy"))
        self.process.image_id.versions_to_keep = 1
        self.vacuum()
        self.assertEqual(versions.exists(), old | versions[-1])
        self.assertEqual(self.process.proven_version_id, old)

    def test_failures_push_out_nothing_that_works(self):
        versions = self.updated(self.process, 3)
        for _time in range(4):
            self.process.image_id._new_version(self.process.application_id)
        failed = self.process.image_id.version_ids - versions
        failed.state = "failed"
        self.vacuum()
        self.assertEqual(versions.exists(), versions[1:])
        self.assertEqual(failed.exists(), failed)
        versions = self.updated(self.process, 3)
        self.vacuum()
        self.assertFalse(failed.exists())

    def test_what_is_used_is_kept(self):
        versions = self.updated(self.process, 8)
        first, second, third, fourth = versions[:4]
        self.process.application_id.next_image_version_id = first
        self._image("test-child", parent_from=False).write(
            {
                "parent_id": self.process.image_id.id,
                "parent_version_id": second.id,
            }
        )
        self._image("test-named", parent_from=third.reference)
        fourth._build(self.node)
        self.vacuum()
        kept = versions[:4] | versions[-3:]
        self.assertEqual(versions.exists(), kept)

    def test_a_version_goes_after_those_built_on_it(self):
        image = self._image("test-child", parent_from=False)
        image.parent_id = self.process.image_id
        parent = self.process.image_version_id
        with fake_runner(self.env) as fake:
            for number in range(2):
                child = image.version_ids.create({"image_id": image.id, "name": number})
                fake.image_ensure(child, self.node)
        self.assertEqual(child.parent_id, parent)
        versions = self.updated(self.process, 4)
        image.versions_to_keep = 1
        self.vacuum()
        self.assertIn(parent, versions.exists(), "the newest child is built on it")
        with fake_runner(self.env) as fake:
            newest = image._new_version(self.process.application_id)
            fake.image_ensure(newest, self.node)
        self.vacuum()
        self.assertEqual(image.version_ids, newest)
        self.assertFalse(parent.exists(), "gone in the same run")

    def test_the_code_of_a_base_that_waits_for_newer_is_kept(self):
        old = self.process.image_version_id
        base = self.env["clouder.base"].create(
            {
                "name": "hello",
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": self.shop.id,
            }
        )
        code = f"{old._placement(self.node).digest} sha256:files"
        base.write({"state": "running", "code_digest": code})
        self.updated(self.process, 5)
        self.vacuum()
        self.assertTrue(old.exists())
        self.files.application_id.update_bases = False
        self.vacuum()
        self.assertFalse(old.exists(), "nobody would bring it to newer code")

    def test_a_node_that_is_offline_is_asked_later(self):
        old = self.process.image_version_id
        self.updated(self.process, 4)
        self.node.state = "offline"
        self.assertEqual(self.removed(self.vacuum()), [])
        self.assertEqual(old.placement_ids.node_id, self.node)
        self.node.state = "online"
        self.vacuum()
        self.assertFalse(old.exists())

    def test_another_node_goes_first(self):
        old = self.process.image_version_id
        away = self.node.create({"name": "away"})
        old._note_built(away, "sha256:away")
        away.state = "offline"
        self.updated(self.process, 4)
        self.vacuum()
        self.assertEqual(
            old.placement_ids.node_id, away, "it is still to be done there"
        )
        away.state = "online"
        self.vacuum()
        self.assertFalse(old.exists())

    def test_a_node_that_does_not_answer_is_asked_once(self):
        versions = self.updated(self.process, 5)
        with self.assertLogs(LOGGER, "WARNING"):
            fake = self.vacuum(image_remove=EngineUnreachable("no answer"))
        self.assertEqual(len(self.removed(fake)), 1)
        self.assertEqual(versions.exists(), versions)

    def test_what_a_container_uses_stays(self):
        versions = self.updated(self.process, 5)
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            fake = self.vacuum(image_remove=EngineRefused("a container uses it"))
        self.assertEqual(len(self.removed(fake)), 3, "one does not keep the others")
        self.assertEqual({one.levelname for one in logs.records}, {"INFO"})
        self.assertIn("stays on node here: a container uses it", logs.output[0])
        self.assertEqual(versions.exists(), versions)
        self.vacuum()
        self.assertEqual(versions.exists(), versions[3:])

    def test_no_negative_number(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.image_exec.versions_to_keep = -1
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestVersionDeleted(VacuumCase):
    """A version that somebody deletes leaves no image on the nodes."""

    def test_a_version(self):
        old = self.process.image_version_id
        self.updated(self.process)
        reference = old.reference
        with fake_runner(self.env) as fake:
            old.unlink()
        self.assertEqual(self.removed(fake), [reference])

    def test_nothing_is_removed_before_it_is_allowed(self):
        stranger = self.image_exec._new_version(self.process.application_id)
        stranger = stranger.with_user(self.env.ref("base.public_user"))
        busy = self.image_exec._new_version(self.process.application_id)
        busy._build(self.node)
        for version, error in (
            (self.process.image_version_id, UserError),
            (busy, UserError),
            (stranger, AccessError),
        ):
            version.sudo()._note_built(self.node, "sha256:abc")
            with fake_runner(self.env) as fake, self.assertRaises(error):
                version.unlink()
            self.assertEqual(fake.calls, [])

    def test_an_image(self):
        image = self._image("test-other")
        version = image.version_ids.create({"image_id": image.id, "name": "1"})
        version._note_built(self.node, "sha256:abc")
        with fake_runner(self.env) as fake:
            with self.assertRaisesRegex(UserError, "in use"):
                self.image_exec.unlink()
            self.assertEqual(fake.calls, [])
            image.unlink()
        self.assertEqual(self.removed(fake), ["clouder/test-other:1"])


@tagged("post_install", "-at_install")
class TestFormerFiles(VacuumCase):
    """The files of former versions but the last are removed from their volumes."""

    def trimmed(self, fake):
        return [
            (call[1], call[2][0]) for call in fake.calls if call[0] == "volumes_trim"
        ]

    def test_the_current_and_the_former_stay(self):
        self.assertEqual(self.trimmed(self.vacuum()), [], "there was never another one")
        versions = self.updated(self.files, 3)
        kept = versions[2:].mapped("name")
        [(name, names)] = self.trimmed(self.vacuum())
        self.assertEqual((name, sorted(names)), (self.files.display_name, sorted(kept)))

    def test_nothing_goes_before_the_newest_is_proven(self):
        old = self.updated(self.files)
        self.updated(self.files, 2, EngineRefused("unhealthy"))
        self.assertEqual(self.trimmed(self.vacuum()), [])
        self.assertEqual(self.files.proven_version_id, old[-1])
        versions = self.updated(self.files)
        self.assertEqual(self.files.former_version_id, old[-1])
        [(_name, names)] = self.trimmed(self.vacuum())
        self.assertCountEqual(names, (old[-1] | versions[-1]).mapped("name"))

    def test_nothing_goes_while_a_job_works(self):
        self.updated(self.files, 2)
        self.shop.deploy()
        self.assertEqual(self.trimmed(self.vacuum()), [])

    def test_what_is_gone_is_logged(self):
        self.updated(self.files, 2)
        logger = "odoo.addons.clouder.models.service_former"
        with (
            fake_runner(self.env) as fake,
            self.assertLogs(logger, logging.INFO) as logs,
        ):
            fake.results["volumes_trim"] = ["test-shop-files.code.1"]
            self.env["clouder.image.version"]._cron_vacuum()
        self.assertIn("test-shop-files.code.1", logs.output[0])
