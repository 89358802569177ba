import json
from unittest import mock

from odoo.tests import tagged

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
