import base64
import contextlib
import hashlib
import hmac
import json
from unittest import mock

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.sql_db import db_connect
from odoo.tests import new_test_user, tagged

from ..lib import webhook as wire
from ..lib.errors import CommandFailed
from ..models.job_locks import lock
from ..models.webhook_delivery import PAUSES
from .fake_runner import FakeRunner
from .life_case import LifeCase

URL = "https://shop.example.com/hook"


@tagged("post_install", "-at_install")
class TestWebhook(LifeCase):
    """Who is told what, and what happens when nobody listens."""

    def setUp(self):
        super().setUp()
        self.webhook = self.make("Shop")

    def make(self, name, **values):
        return self.env["clouder.webhook"].create(
            {
                "name": name,
                "url": URL,
                "environment_id": self.environment.id,
                **values,
            }
        )

    def told(self, webhook=None):
        """Return what was sent to ``webhook``, the oldest first: (event, data)."""
        found = (webhook or self.webhook).delivery_ids.sorted("id")
        return [(one.event, json.loads(one.body)["data"]) for one in found]

    def base(self, name="hello", state="running", **values):
        base = super().base(name, state, **values)
        self.env["clouder.webhook.delivery"].search([]).unlink()
        return base

    @contextlib.contextmanager
    def receiver(self, *answers):
        """Answer the next messages with a status each, or an error."""
        with mock.patch.object(wire, "post", side_effect=answers) as post:
            yield post

    def test_a_base_that_was_suspended_and_its_job(self):
        base = self.base()
        self.watch("base_suspend")
        job = self.ended(base.suspend("payment"))
        (first, of_base), (second, of_job) = self.told()
        self.assertEqual((first, second), ("base.suspended", "job.finished"))
        self.assertEqual(
            (of_base["name"], of_base["reason"], of_base["environment"]),
            ("hello.example.test", "payment", "test"),
        )
        self.assertEqual(
            (of_job["id"], of_job["action"], of_job["state"]),
            (job.id, "suspend", "done"),
        )
        self.assertEqual(of_job["record"]["name"], "hello.example.test")

    def test_a_job_that_failed(self):
        runner = FakeRunner()
        runner.fail("container_ensure", CommandFailed(["make"], 2, ""))
        self._run(self.store._enqueue("deploy"), runner)
        ((event, data),) = self.told()
        self.assertEqual((event, data["state"]), ("job.finished", "failed"))
        self.assertIn("status 2", data["error"])

    def test_a_base_that_runs_or_failed_and_what_else_is_not_told(self):
        base = self.base()
        for state in ("failed", "running", "running", "stopped", "deploying"):
            base.state = state
        self.assertEqual(
            [event for event, _data in self.told()], ["base.failed", "base.running"]
        )

    def test_only_who_asked_and_only_of_the_own_environment(self):
        quiet = self.make("Quiet", on_failed=False)
        other = self.env["clouder.environment"].create(
            {"name": "Other", "prefix": "other"}
        )
        foreign = self.make("Foreign", environment_id=other.id)
        off = self.make("Off", active=False)
        everything = self.make("All", environment_id=False)
        self.base().state = "failed"
        self.assertFalse(off.active)
        for webhook, events in (
            (self.webhook, ["base.failed"]),
            (everything, ["base.failed"]),
            (quiet, []),
            (foreign, []),
            (off, []),
        ):
            with self.subTest(webhook.name):
                told = [event for event, _data in self.told(webhook)]
                self.assertEqual(told, events)

    def test_what_is_sent_is_signed_and_says_no_secret(self):
        base = self.base()
        base._generate_passwords()
        base.state = "failed"
        (delivery,) = self.webhook.delivery_ids
        with self.receiver(204) as post:
            delivery._send()
        self.assertEqual((delivery.state, delivery.status), ("sent", 204))
        url, body, headers, allowed = post.call_args.args
        self.assertEqual((url, allowed), (URL, []))
        self.assertNotIn(base._secret("admin_password"), body.decode())
        self.assertEqual(headers["webhook-id"], delivery.identity)
        secret = self.webhook._secret("secret").removeprefix("whsec_")
        words = f"{delivery.identity}.{headers['webhook-timestamp']}.".encode() + body
        digest = hmac.digest(base64.b64decode(secret), words, hashlib.sha256)
        self.assertEqual(
            headers["webhook-signature"], f"v1,{base64.b64encode(digest).decode()}"
        )

    def test_it_is_tried_again_later_each_time_and_given_up(self):
        delivery = self.webhook._deliver("ping", {})
        queued = self.env["queue.job"]
        queue = [("model_name", "=", "clouder.webhook.delivery")]
        answers = [500, wire.WebhookFailed("No answer."), 302]
        answers += [503] * (len(PAUSES) + 1 - len(answers))
        before = queued.search_count(queue)
        with self.receiver(*answers):
            for _answer in answers:
                self.assertEqual(delivery.state, "pending")
                delivery._send()
        self.assertEqual(delivery.state, "failed")
        self.assertEqual(delivery.attempts, len(PAUSES) + 1)
        self.assertEqual(queued.search_count(queue) - before, len(PAUSES))
        etas = queued.search(queue, order="id").filtered("eta").mapped("eta")
        self.assertEqual(etas, sorted(etas))
        with self.receiver():
            delivery._send()
        with self.receiver(200):
            delivery.send_again()
            delivery._send()
        self.assertEqual((delivery.state, delivery.attempts), ("sent", 1))

    def test_one_that_lets_us_wait_keeps_only_his_own_messages_waiting(self):
        first, second = (self.webhook._deliver("base.failed", {}) for _turn in "ab")
        queued = self.env["queue.job"]
        with self.receiver(wire.WebhookFailed("No answer.")) as post:
            first._send()
            second._send()
        self.assertEqual(post.call_count, 1)
        self.assertEqual((second.state, second.attempts), ("pending", 0))
        again = queued.search([], order="id desc", limit=1)
        self.assertGreater(again.eta, first.next_try)
        with self.receiver(200, 200):
            first._send()
            second._send()
        self.assertEqual((first.state, second.state), ("sent", "sent"))

    def test_one_message_at_a_time_goes_to_a_webhook(self):
        delivery = self.webhook._deliver("base.failed", {})
        # The tests' own cursors share one connection: to it, the lock would be free.
        with db_connect(self.env.cr.dbname).cursor() as other, self.receiver() as post:
            lock(other, [f"clouder.webhook,{self.webhook.id}"])
            delivery._send()
        post.assert_not_called()
        with self.receiver(200):
            delivery._send()
        self.assertEqual(delivery.state, "sent")

    def test_a_trial_message_after_the_other(self):
        self.webhook.ping()
        with self.assertRaisesRegex(UserError, "still on its way"):
            self.webhook.ping()
        with self.receiver(200):
            self.webhook.delivery_ids._send()
        self.webhook.ping()

    def test_who_is_gone_is_not_asked_again(self):
        delivery = self.webhook._deliver("ping", {})
        with self.receiver(410):
            delivery._send()
        self.assertEqual(delivery.state, "failed")

    def test_nothing_is_sent_once_it_is_deleted(self):
        delivery = self.webhook._deliver("ping", {})
        self.webhook.unlink()
        with self.receiver() as post:
            delivery._send()
        post.assert_not_called()

    def test_nothing_is_sent_once_it_is_archived(self):
        delivery = self.webhook._deliver("ping", {})
        self.webhook.active = False
        with self.receiver() as post:
            delivery._send()
        post.assert_not_called()
        self.assertEqual((delivery.state, delivery.attempts), ("failed", 0))

    def test_inner_addresses_are_refused_when_sending_too(self):
        """A name says nothing of its address: that is looked at when it is called."""
        self.webhook.url = "https://localhost/"
        delivery = self.webhook._deliver("ping", {})
        delivery._send()
        self.assertEqual((delivery.state, delivery.status), ("pending", 0))
        self.assertIn("inner network", delivery.error)

    def test_odd_urls_and_secrets_are_refused(self):
        for url in (
            "http://shop.example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://user:pass@shop.example.com/",
            "file:///etc/passwd",
        ):
            with self.subTest(url), self.assertRaises(ValidationError):
                self.make("Odd", url=url)
        with self.assertRaises(ValidationError):
            self.webhook.secret = "short"

    def test_settings_allow_inner_networks(self):
        settings = self.env["res.config.settings"]
        with self.assertRaises(ValidationError):
            settings.create({"clouder_webhook_networks": "10.0.0.1/8"})
        settings.create({"clouder_webhook_networks": "10.0.0.0/8"}).execute()
        webhook = self.make("Inner", url="http://10.1.2.3/")
        delivery = webhook._deliver("ping", {})
        with self.receiver(200) as post:
            delivery._send()
        self.assertEqual(post.call_args.args[3], wire.parse_networks("10.0.0.0/8"))

    def test_each_has_a_secret_of_its_own(self):
        other = self.make("Other")
        secrets = {one._secret("secret") for one in self.webhook | other}
        self.assertEqual(len(secrets), 2)
        self.assertTrue(all(one.startswith("whsec_") for one in secrets))

    def test_a_deployer_has_them_in_his_environments_only(self):
        user = new_test_user(self.env, "deploys", groups="clouder.group_deployer")
        self.environment.user_ids = [Command.set(user.ids)]
        other = self.env["clouder.environment"].create(
            {"name": "Other", "prefix": "other"}
        )
        own = self.webhook.with_user(user)
        self.assertTrue(own.secret)
        own.ping()
        with self.assertRaises(UserError):
            own.delivery_ids.send_again()
        for environment in (other.id, False):
            with self.assertRaises(AccessError):
                own.create({"name": "x", "url": URL, "environment_id": environment})
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                own.environment_id = environment
        with self.assertRaises(AccessError):
            own.delivery_ids.write({"state": "failed"})
