import json

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clouder.lib.errors import EngineMissing

from ..drivers.postfix_link import MailProbeFailed
from .common import BACKEND, MailCase


@tagged("post_install", "-at_install")
class TestPostfixLink(MailCase):
    def test_a_base_gets_a_login_a_domain_and_a_key(self):
        base = self.make_base("shop")
        with self.files() as files:
            self.deploy(base)
        facts = base.link_ids._facts()
        self.assertEqual(facts["user"], "mailer@shop.mail.example")
        self.assertEqual((facts["host"], facts["port"]), ("mailtest-mail", 587))
        self.assertEqual(files.domains(), {"shop.mail.example"})
        self.assertEqual(
            files.text("senders"), "@shop.mail.example mailer@shop.mail.example\n"
        )
        self.assertEqual(files.bases()["shop.mail.example"]["host"], "mailtest-web")
        self.assertIn("PRIVATE KEY", files.text("dkim/shop.mail.example.key"))

    def test_what_the_zone_needs_is_in_the_facts(self):
        self.set_option("hostname", "mx.example.com")
        base = self.make_base("shop")
        with self.files():
            self.deploy(base)
        records = {
            (name, kind): value
            for name, kind, value in base.link_ids._facts()["dns_records"]
        }
        self.assertEqual(records["", "MX"], "10 mx.example.com.")
        self.assertEqual(records["", "TXT"], "v=spf1 mx -all")
        self.assertTrue(records["clouder._domainkey", "TXT"].startswith("v=DKIM1; "))
        self.assertIn("v=DMARC1", records["_dmarc", "TXT"])

    def test_without_a_host_name_the_base_itself_is_named(self):
        base = self.make_base("shop")
        self.set_option("relay_host", "192.0.2.7:25")
        with self.files():
            self.deploy(base)
        values = [row[2] for row in base.link_ids._facts()["dns_records"]]
        self.assertIn("10 shop.mail.example.", values)
        self.assertIn("v=spf1 mx ip4:192.0.2.7 -all", values)

    def test_secrets_are_encrypted_and_stay_the_same(self):
        base = self.make_base("shop")
        link = base.link_ids
        with self.files() as files:
            self.deploy(base)
            before = link._mail_domain()
            count = len(files.commands)
            self.deploy(base)
        self.assertEqual(link._mail_domain(), before)
        self.assertEqual(len(files.commands), count, "nothing had to be written")
        link.flush_recordset()
        self.env.cr.execute("SELECT * FROM clouder_base_link WHERE id = %s", [link.id])
        row = json.dumps(self.env.cr.dictfetchall(), default=str)
        for secret in (before.password, before.gateway_key, "PRIVATE KEY"):
            self.assertNotIn(secret, row)
        self.assertNotIn(before.password, files.text("passwd"))

    def test_the_private_key_is_not_told_to_the_base(self):
        base = self.make_base("shop")
        with self.files():
            self.deploy(base)
        self.assertNotIn("PRIVATE", json.dumps(base.link_ids._facts()))

    def test_one_publication_carries_all(self):
        bases = [self.make_base(name) for name in ("a", "b", "c")]
        with self.files() as files:
            for base in bases:
                base._run_hook("base_links")
            for base in bases:
                base._run_hook("base_publish")
        self.assertEqual(len(files.domains()), 3)
        maps = [argv for argv in files.commands if argv[0] == "postmap"]
        self.assertEqual(len(maps), 1)
        self.assertFalse(any(base.link_ids.mail_pending for base in bases))

    def test_a_purged_base_leaves_nothing(self):
        gone, stays = self.make_base("gone"), self.make_base("stays")
        with self.files() as files:
            self.deploy(gone)
            self.deploy(stays)
            self.withdraw(gone)
            self.withdraw(gone)
        self.assertEqual(files.domains(), {"stays.mail.example"})
        everything = "".join(one.content.decode() for one in files.kept.values())
        self.assertNotIn("gone.mail.example", everything)
        self.assertNotIn("/srv/mail/dkim/gone.mail.example.key", files.kept)
        self.assertFalse(gone.link_ids._secret("mail_key"))
        self.assertEqual(gone.link_ids.state, "withdrawn")

    def test_a_stopped_base_keeps_its_domain_and_its_key(self):
        base = self.make_base("nap")
        with self.files() as files:
            self.deploy(base)
            key = base.link_ids._secret("mail_key")
            self.rest(base, "stopped")
            # Setting the link up alone does not end it.
            for again in (False, True):
                if again:
                    self.deploy(base)
                self.assertEqual(files.domains(), {"nap.mail.example"})
                self.assertEqual(files.text("passwd"), "")
                self.assertEqual(files.bases()["nap.mail.example"]["host"], "")
            base.wanted = "running"
            self.deploy(base)
        self.assertEqual(base.link_ids._secret("mail_key"), key)
        self.assertTrue(files.text("passwd"))

    def test_a_suspended_base_takes_and_sends_its_mail(self):
        base = self.make_base("pause")
        with self.files() as files:
            self.deploy(base)
            self.rest(base, "stopped")
            self.rest(base, "suspended")
            self.assertEqual(
                files.bases()["pause.mail.example"]["host"], BACKEND["host"]
            )
            self.assertTrue(files.text("passwd"))

    def test_a_restart_never_takes_the_domain_away(self):
        base = self.make_base("shop")
        with self.files() as files:
            self.deploy(base)
            for hook in self.driver._phases()["clouder.base", "restart"][:2]:
                base._run_hook(hook)
                self.assertFalse(base.link_ids.mail_pending)
                self.assertEqual(files.domains(), {"shop.mail.example"})

    def test_a_stopped_base_that_is_purged_leaves_nothing(self):
        base = self.make_base("gone")
        with self.files() as files:
            self.deploy(base)
            self.rest(base, "stopped")
            self.withdraw(base)
            self.assertFalse(files.domains())
            self.assertFalse(files.bases())
        self.assertFalse(base.link_ids._secret("mail_key"))

    def test_a_stopped_base_is_not_asked_to_log_in(self):
        base = self.make_base("nap")
        with self.files() as files:
            self.deploy(base)
            self.rest(base, "stopped")
            files.status, files.said = 1, "(535, b'authentication failed')\n"
            self.driver.link_probe(base.link_ids)
            base.wanted = "running"
            self.deploy(base)
            with self.assertRaises(MailProbeFailed):
                self.driver.link_probe(base.link_ids)

    def test_a_suspended_base_whose_service_is_stopped_is_not_asked(self):
        base = self.make_base("pause")
        consumer = base.service_id._exec_service()
        with self.files() as files:
            self.deploy(base)
            self.rest(base, "suspended")
            files.status, files.said = 1, "no such container\n"
            consumer.state = "stopped"
            self.driver.link_probe(base.link_ids)
            consumer.state = "running"
            with self.assertRaises(MailProbeFailed):
                self.driver.link_probe(base.link_ids)

    def test_a_server_that_is_away_is_told_later(self):
        base = self.make_base("gone")
        with self.files() as files:
            self.deploy(base)
            files.running = False
            self.withdraw(base)
            self.assertEqual(base.link_ids.state, "withdrawing")
            files.running = True
            base._run_hook("base_publish")
        self.assertEqual(base.link_ids.state, "withdrawn")
        self.assertFalse(files.domains())

    def test_a_purged_server_holds_nobody_up(self):
        base = self.make_base("gone")
        with self.files() as files:
            self.deploy(base)
            self.mail.state, files.running = "purged", False
            self.withdraw(base)
        self.assertEqual(base.link_ids.state, "withdrawn")

    def test_a_new_container_gets_everything(self):
        base = self.make_base("shop")
        with self.files() as files:
            self.deploy(base)
            files.kept.clear()
            self.driver.service_configure(self.mail)
            self.assertEqual(files.domains(), {"shop.mail.example"})

    def networks(self, files):
        """Return the networks that were joined or left: list of (how, environment)."""
        return [
            (call[0], call[2][0])
            for call in files.runner.calls
            if call[0].startswith("network_")
        ]

    def test_the_server_joins_where_the_service_of_the_base_is(self):
        guests, other = self.environment.create(
            [{"name": name, "prefix": f"mail-{name}"} for name in ("guest", "other")]
        )
        web = self.make_service(self.application, "web", other)
        base = self.make_base("shop", environment_id=guests.id, service_id=web.id)
        with self.files() as files:
            self.deploy(base)
            self.driver.service_configure(self.mail)
            self.withdraw(base)
        joined, left = ("network_join", other), ("network_leave", other)
        self.assertEqual(self.networks(files), [joined, joined, left])

    def test_a_base_without_a_direct_link_is_reached_all_the_same(self):
        other = self.environment.create({"name": "other", "prefix": "mail-other"})
        web = self.make_service(self.application, "web", other)
        base = self.make_base("shop", service_id=web.id)
        base.link_ids.make_link = False
        with self.files() as files:
            self.deploy(base)
        self.assertEqual(self.networks(files), [("network_join", other)])

    def test_a_guest_of_a_service_beside_the_server_takes_no_network(self):
        guests = self.environment.create({"name": "guest", "prefix": "mail-guest"})
        base = self.make_base("shop", environment_id=guests.id)
        with self.files() as files:
            self.deploy(base)
            self.driver.service_configure(self.mail)
            self.withdraw(base)
        self.assertEqual(self.networks(files), [])

    def test_the_probe_keeps_its_secrets_off_the_command_line(self):
        base = self.make_base("shop")
        with self.files() as files:
            self.deploy(base)
            self.driver.link_probe(base.link_ids)
            argv, script = files.commands[-1], files.inputs[-1]
            self.assertEqual(argv, ["python3", "-"])
            self.assertIn(base.link_ids._secret("mail_password"), script)
            self.assertNotIn(base.link_ids._secret("mail_gateway_key"), script)
            files.status, files.said = 1, "(535, b'authentication failed')\n"
            with self.assertRaisesRegex(MailProbeFailed, "authentication failed"):
                self.driver.link_probe(base.link_ids)

    def test_a_service_cannot_be_linked(self):
        link = self.env["clouder.service.link"].create(
            {
                "service_id": self.web.id,
                "tag_id": self.env.ref("clouder.tag_mail").id,
                "target": self.mail.id,
            }
        )
        with self.files(), self.assertRaisesRegex(UserError, "it serves bases"):
            self.driver.link_provide(link)

    def test_a_missing_container_raises(self):
        base = self.make_base("shop")
        with self.files() as files:
            files.running = False
            base._run_hook("base_links")
            with self.assertRaises(EngineMissing):
                self.driver.link_publish(base.link_ids)
