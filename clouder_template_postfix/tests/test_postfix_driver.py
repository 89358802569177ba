from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clouder.tests.driver_case import DriverCase

from ..lib import container
from .common import MailCase


@tagged("post_install", "-at_install")
class TestPostfixContract(DriverCase):
    driver_code = "postfix"


@tagged("post_install", "-at_install")
class TestPostfixDriver(MailCase):
    def _file(self, name):
        files = {file.path: file for file in self.driver.service_files(self.mail)}
        return files[f"/etc/clouder/{name}"]

    def test_the_container_is_held_tight(self):
        self.mail.image_version_id = self.mail.image_id._new_version()
        spec = self.mail._spec()
        self.assertEqual(set(spec.cap_add), set(container.CAPABILITIES))
        self.assertNotIn("SYS_ADMIN", spec.cap_add)
        self.assertTrue(spec.read_only)
        self.assertEqual(list(spec.health.argv), container.HEALTH)

    def test_the_image_has_its_files(self):
        paths = {file.path for file in self.driver.image_files(self.mail.image_id)}
        self.assertIn("/clouder-mail/start", paths)
        self.assertIn("/clouder-mail/gate/__main__.py", paths)
        self.assertFalse([path for path in paths if "__pycache__" in path])

    def test_a_certificate_is_generated_and_secret(self):
        line = self.mail.option_ids.filtered(lambda one: one.name.name == "certificate")
        self.assertIn("PRIVATE KEY", line._clear_value())
        self.assertFalse(line.value_plain)
        self.assertTrue(self._file("tls.pem").secret)
        self.assertEqual(self._file("tls.pem").mode, 0o400)

    def test_without_options_mail_goes_by_the_records(self):
        main = self._file("main.cf").content.decode()
        self.assertIn("\nrelayhost = \n", main)
        self.assertIn("\nmynetworks =\n", main)
        self.assertNotIn("smtp_sasl_auth_enable", main)
        self.assertNotIn("permit_mynetworks", main)

    def test_a_relay_with_a_password(self):
        self.set_option("relay_host", "relay.example.com:587")
        self.set_option("relay_user", "we")
        self.set_option("relay_password", "s3cret-of-relay")
        main = self._file("main.cf").content.decode()
        self.assertIn("relayhost = [relay.example.com]:587\n", main)
        self.assertIn("\nsmtp_tls_security_level = encrypt\n", main)
        self.assertNotIn("s3cret-of-relay", main)
        relay = self._file("relay")
        self.assertTrue(relay.secret)
        self.assertEqual(relay.content, b"[relay.example.com]:587 we:s3cret-of-relay\n")

    def test_hostile_options_are_refused(self):
        for name, value in (
            ("hostname", "mx.example.com\nmynetworks = 0.0.0.0/0"),
            ("hostname", "$mydomain"),
            ("hostname", "mx example com"),
            ("relay_host", "relay.example.com\nx = y"),
            ("relay_host", "relay.example.com:99999"),
            ("relay_host", "-oQ"),
            ("certificate", "no certificate"),
        ):
            with self.subTest(option=name, value=value), self.env.cr.savepoint() as now:
                self.set_option(name, value)
                with self.assertRaisesRegex(
                    UserError, "mailtest-mail cannot be set up"
                ):
                    self.driver.service_files(self.mail)
                now.rollback()
                self.env.invalidate_all()

    def test_hostile_passwords_are_refused(self):
        self.set_option("relay_host", "relay.example.com")
        self.set_option("relay_user", "we")
        for value in ("a b", "a\tb", "a\nb c", "é"):
            with self.subTest(value=value):
                self.set_option("relay_password", value)
                with self.assertRaisesRegex(UserError, "password of the relay"):
                    self.driver.service_files(self.mail)
