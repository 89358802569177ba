from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..lib.errors import CommandFailed, EngineRefused
from .fake_runner import FakeRunner
from .hosting_case import HostingCase


@tagged("post_install", "-at_install")
class TestPurge(HostingCase):
    """What is purged is gone, and what bears its name later is somebody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store = cls._service(cls.app_store, "db")
        cls.shop = cls._service(cls.app_shop, "shop")
        cls.shop._tree().write({"state": "running"})

    def setUp(self):
        super().setUp()
        self.dropped = []
        driver = type(self.env["clouder.driver"])
        self.patch(
            driver,
            "database_create",
            lambda _self, service, name, owner, template=None, mark="": None,
        )
        self.patch(
            driver,
            "database_drop",
            lambda _self, service, name, owner="", mark="": self.dropped.append(
                (name, mark)
            ),
        )
        self.shop._exec_service().link_ids.facts = '{"user": "role"}'

    def _base(self, **values):
        return self.env["clouder.base"].create(
            {
                "name": "hello",
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.app_shop.id,
                "service_id": self.shop.id,
                **values,
            }
        )

    def _purged_and_taken(self):
        """Return a purged base and the one that has its host name now."""
        former = self._base(state="purged")
        return former, self._base(state="running")

    def test_a_purged_base_whose_name_is_taken_is_left_alone(self):
        former, _owner = self._purged_and_taken()
        for action in (former.purge, former.deploy):
            with self.assertRaisesRegex(UserError, "was given to another base"):
                action()
        self.assertFalse(former.job_ids)
        with self.assertRaisesRegex(UserError, "deploy it first"):
            former.reset(self._base(name="other").id)

    def test_a_job_looks_again_when_it_runs(self):
        for action in ("purge", "deploy"):
            with self.subTest(action=action):
                former, owner = self._purged_and_taken()
                job = former._enqueue(action)
                self._run(job)
                self.assertEqual(job.state, "failed")
                self.assertIn("was given to another base", job.error)
                self.assertEqual((former.state, owner.state), ("purged", "running"))
                self.assertFalse(self.dropped)
                owner.state = "purged"
                owner.flush_recordset()

    def test_a_database_is_dropped_by_its_mark(self):
        base = self._base(state="running")
        self._run(base._enqueue("purge"))
        [(name, mark)] = self.dropped
        self.assertEqual(name, "hello.example.test")
        self.assertTrue(mark.endswith(f" clouder.base,{base.id}"))

    def test_a_base_that_was_purged_is_deployed_like_a_new_one(self):
        base = self._base(state="running", deployed_at="2026-01-01", code_digest="x")
        self._run(base._enqueue("purge"))
        self.assertFalse(base.deployed_at)
        self.assertFalse(base.code_digest)
        self.dropped.clear()
        driver = type(self.env["clouder.driver"])

        def fail(_self, base):
            raise EngineRefused("No.")

        self.patch(driver, "base_ready", fail)
        self._run(base._enqueue("deploy"))
        self.assertEqual(base.state, "failed")
        self.assertTrue(self.dropped, "what the failed deployment made is gone")

    def _fail_after_purge(self, action):
        """Return what the runner is asked for when a deployment after a purge fails."""
        self._run(self.store._enqueue("deploy"))
        self._run(self.store._enqueue(action))
        self.assertFalse(self.store.deployed_at)
        runner = FakeRunner()
        runner.fail("container_ready", CommandFailed(["check"], 1, ""))
        return self._run(self.store._enqueue("deploy"), runner)[0].names()

    def test_volumes_that_a_purge_left_stay_when_the_next_deployment_fails(self):
        names = self._fail_after_purge("purge")
        self.assertIn("container_remove", names)
        self.assertNotIn("volumes_remove", names)

    def test_without_data_the_next_deployment_is_a_first_one(self):
        names = self._fail_after_purge("purge_data")
        self.assertEqual(names[-2:], ["container_remove", "volumes_remove"])

    def _linked(self):
        """Return a link in use from the shop to the store; the shop has a base."""
        link = self.shop._exec_service().link_ids
        link.state = "working"
        self._base(state="running")
        return link

    def test_a_service_that_others_are_linked_to_stays(self):
        link = self._linked()
        for action in (
            self.store.purge,
            lambda: self.store.purge(data=True),
            self.store.unlink,
        ):
            with self.assertRaisesRegex(
                UserError, "by test-shop-exec .bases: 1., which"
            ):
                action()
        self.assertFalse(self.store.job_ids)
        link.state = "withdrawn"
        self.assertTrue(self.store.purge())

    def test_a_link_made_since_is_seen_when_the_job_runs(self):
        job = self.store._enqueue("purge_data")
        self._linked()
        fake, _error = self._run(job)
        self.assertEqual(job.state, "failed")
        self.assertIn("is needed by", job.error)
        self.assertNotIn("container_remove", fake.names())
        self.assertNotIn("volumes_remove", fake.names())

    def test_who_needs_it_is_named_to_those_who_may_know(self):
        self._linked()
        own = self.env["clouder.environment"].create(
            {
                "name": "Own",
                "prefix": "own",
                "partner_id": self.environment.partner_id.id,
            }
        )
        store = self._service(self.app_store, "db", environment_id=own.id)
        link = self.shop._exec_service().link_ids
        link.state = "withdrawn"
        link.target = store
        link.state = "working"
        user = new_test_user(self.env, "owner", groups="clouder.group_deployer")
        own.user_ids = user
        with self.assertRaisesRegex(
            UserError, "by 1 more .bases: 1., which"
        ) as refused:
            store.with_user(user).purge()
        self.assertNotIn("shop", str(refused.exception))

    def test_links_inside_of_the_tree_do_not_count(self):
        data = self.shop.child_ids.filtered(lambda one: one.suffix == "shop-data")
        link = self.shop._exec_service().link_ids
        link.copy({"service_id": self.shop._exec_service().id}).sudo().write(
            {"state": "working", "tag_id": False, "target": data.id}
            | {"target_application_id": data.application_id.id}
        )
        self.assertFalse(self.shop._linked_from()[0])
        self.assertTrue(self.shop.purge())

    def test_a_part_that_bases_need_stays(self):
        """The bases hang on the whole; its data lies in a sub-service."""
        self._base(state="running")
        for part in self.shop.child_ids:
            with self.assertRaisesRegex(UserError, "hello.example.test"):
                part.purge(data=True)
