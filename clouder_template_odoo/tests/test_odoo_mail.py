import base64
import json
from unittest import mock

from odoo.tests import TransactionCase, tagged

from ..drivers.odoo import ADDON
from ..lib.mail import mail_parameters, outcome
from .common import OdooCase

FACTS = {
    "host": "odootest-mail",
    "port": 587,
    "user": "mailer@shop.odoo.test",
    "password": "pw-of-the-mail-login",
    "domain": "shop.odoo.test",
    "gateway_key": "abcdefgh-key-of-the-gateway",
    "dns_records": [],
}


@tagged("post_install", "-at_install")
class TestOdooMail(OdooCase):
    def setUp(self):
        super().setUp()
        self.base = self._base("shop")
        self.link = self.base.link_ids.filtered(lambda one: one.code == "mail")
        self.link.facts = json.dumps(FACTS)
        mailed = mock.patch.object(
            self.env.registry["clouder.driver.odoo"],
            "_is_mail",
            lambda driver, link: link == self.link,
        )
        mailed.start()
        self.addCleanup(mailed.stop)

    def test_bases_are_linked_to_a_mail_server(self):
        self.assertTrue(self.link)
        self.assertFalse(self.link.required)

    def test_the_database_is_written_as_its_owner(self):
        with self.fake_runner({"psql": "clouder_mail:done\n"}) as fake:
            self.driver.link_consume(self.link, FACTS)
        (script,) = self.scripts(fake)
        self.assertIn('\\connect "shop.odoo.test" "owner"', script)
        self.assertIn("pw-of-the-mail-login", script)
        self.assertNotIn(FACTS["gateway_key"], script)
        self.assertNotIn("pw-of-the-mail-login", json.dumps(fake.argvs()))

    def test_an_account_that_is_missing_is_made(self):
        with self.fake_runner({"psql": "clouder_mail:account\n"}) as fake:
            self.driver.link_consume(self.link, FACTS)
        words = [argv[0] for argv in fake.argvs()]
        self.assertEqual(words, ["psql", "odoo", "psql"])
        self.assertIn("have_mail_account", self.scripts(fake)[1])

    def test_other_links_need_nothing(self):
        with self.fake_runner() as fake:
            self.driver.link_consume(self.base.link_ids - self.link, {})
            self.driver.link_forget(self.base.link_ids - self.link)
        self.assertFalse(fake.argvs())

    def test_forgetting_twice_and_without_a_database(self):
        with self.fake_runner({"psql": "shop.odoo.test\n"}) as fake:
            self.driver.link_forget(self.link)
        self.assertIn("DELETE FROM ir_mail_server", self.scripts(fake)[-1])
        with self.fake_runner({"psql": "other\n"}) as fake:
            self.driver.link_forget(self.link)
        self.assertEqual(len(fake.argvs()), 1)

    def test_a_copy_is_cleaned_before_it_is_reachable(self):
        source, base = self._base("source"), self._base("copy")
        base.reset_id = source
        with self.fake_runner() as fake:
            self.driver.base_reset(base)
        scripts = self.scripts(fake)
        cleaned = next(
            n for n, text in enumerate(scripts) if "DELETE FROM ir_mail_server" in text
        )
        exchanged = next(
            n for n, text in enumerate(scripts) if "ALLOW_CONNECTIONS true" in text
        )
        self.assertLess(cleaned, exchanged)

    def test_the_key_goes_as_a_hash(self):
        wanted = mail_parameters(FACTS)
        self.assertEqual(wanted["key"]["index"], "abcdefgh")
        self.assertTrue(wanted["key"]["hash"].startswith("$pbkdf2-sha512$6000$"))
        self.assertNotIn("dns_records", wanted)

    def test_the_outcome_is_read(self):
        self.assertEqual(outcome("\nclouder_mail:account\n"), "account")
        self.assertEqual(outcome("x\nclouder_mail:done\n"), "done")
        self.assertEqual(outcome(""), "")


@tagged("post_install", "-at_install")
class TestMailAction(TransactionCase):
    """The code that bases run when the mail server asks, in an Odoo that has *mail*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partner = cls.env["ir.model"]._get_id("res.partner")
        cls.env["mail.alias"].create(
            {
                "alias_name": "clouder-info",
                "alias_model_id": partner,
                "alias_incoming_local": True,
            }
        )
        cls.action = cls.env["ir.actions.server"].create(
            {
                "name": "Take a message",
                "model_id": cls.env["ir.model"]._get_id("mail.alias"),
                "state": "code",
                "code": (ADDON / "scripts/mail_action.py").read_text(),
            }
        )

    def _ask(self, **asked):
        return self.action.with_context(clouder_mail=asked).run()

    def _send(self, to, word="a question"):
        lines = [
            "From: Customer <customer@world.example>", f"To: {to}",
            f"Message-Id: <{word.replace(' ', '.')}@world.example>",
            f"Delivered-To: {to}", f"Subject: {word}", "", "Hello", "",
        ]  # fmt: skip
        content = "\r\n".join(lines).encode()
        return self._ask(message=base64.b64encode(content).decode())

    def _partners(self, name):
        return self.env["res.partner"].search_count([("name", "=", name)])

    def _failing(self, error):
        """Have a module of the customer write something, and then fail."""

        def process(thread, *args, **named):
            thread.env["res.partner"].create({"name": "half written"})
            raise error

        kind = self.env.registry["mail.thread"]
        return mock.patch.object(kind, "message_process", process)

    def test_a_message_with_a_route_is_taken(self):
        self.assertEqual(
            self._send("clouder-info@elsewhere.example"), {"delivered": True}
        )
        self.assertEqual(self._partners("a question"), 1)

    def test_a_message_without_a_route_is_refused(self):
        answer = self._send("nobody-at-all@elsewhere.example", "lost")
        self.assertIn("refused", answer)

    def test_what_was_written_before_a_refusal_is_taken_back(self):
        with self._failing(ValueError("No possible route found for it")):
            self.assertIn("refused", self._send("x@elsewhere.example"))
        self.assertFalse(self._partners("half written"))

    def test_a_mistake_in_the_base_is_no_refusal(self):
        """It goes up, so the base answers with an error and the sender tries again."""
        mistake = self._failing(ValueError("invalid literal for int()"))
        with mistake, self.assertRaisesRegex(ValueError, "invalid literal"):
            self._send("clouder-info@elsewhere.example")
        self.assertFalse(self._partners("half written"))

    def test_addresses_are_known_or_not(self):
        for local, known in (("clouder-info", True), ("nobody-at-all", False)):
            answer = self._ask(recipient=f"{local}@elsewhere.example")
            self.assertEqual(answer, {"known": known})
