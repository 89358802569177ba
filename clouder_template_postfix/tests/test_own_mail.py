import contextlib

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..drivers.place import publish
from .common import MailCase

DOMAIN = "clouder.example"


@tagged("post_install", "-at_install")
class TestOwnMail(MailCase):
    """Clouder sends its own mail through one of its mail servers."""

    def setUp(self):
        super().setUp()
        self.mail.public = True

    @contextlib.contextmanager
    def files(self):
        with super().files() as files:
            files.runner.port_address = lambda *_args: ("192.0.2.1", 587)
            yield files

    def _configure(self):
        with self.files() as files:
            self.driver.service_configure(self.mail)
        return files

    def _server(self):
        return self.mail.own_mail_server_id

    def test_it_logs_in_like_a_base(self):
        self.set_option("own_domain", DOMAIN)
        files = self._configure()
        server = self._server()
        self.assertEqual(
            (server.smtp_host, server.smtp_port, server.from_filter),
            ("192.0.2.1", 587, DOMAIN),
        )
        self.assertEqual(server.smtp_user, f"mailer@{DOMAIN}")
        self.assertIn(f"@{DOMAIN} mailer@{DOMAIN}", files.text("senders"))
        self.assertIn(f"mailer@{DOMAIN}:", files.text("passwd"))
        self.assertNotIn(server.smtp_pass, files.text("passwd"))
        self.assertIn("PRIVATE KEY", files.text(f"dkim/{DOMAIN}.key"))
        self.assertIn(f"clouder._domainkey.{DOMAIN}. TXT", self.mail.own_mail_records)

    def test_mail_for_it_is_taken_elsewhere(self):
        self.set_option("own_domain", DOMAIN)
        files = self._configure()
        self.assertNotIn(DOMAIN, files.domains())
        self.assertFalse(files.bases()[DOMAIN]["incoming"])

    def test_what_has_no_sender_comes_from_it(self):
        self.env.company.alias_domain_id = False
        self.set_option("own_domain", DOMAIN)
        self._configure()
        self.assertEqual(self.env.company.alias_domain_id.name, DOMAIN)

    def test_twice_changes_nothing(self):
        self.set_option("own_domain", DOMAIN)
        self._configure()
        server, password = self._server(), self._server().smtp_pass
        with self.files() as files:
            publish(self.mail)
            known = dict(files.kept)
            self.driver.service_configure(self.mail)
        self.assertEqual(files.kept, known)
        self.assertEqual((self._server(), self._server().smtp_pass), (server, password))

    def test_an_empty_option_undoes_it(self):
        self.set_option("own_domain", DOMAIN)
        self._configure()
        server = self._server()
        self.set_option("own_domain", False)
        files = self._configure()
        self.assertFalse(server.exists())
        self.assertFalse(self._server())
        self.assertNotIn(DOMAIN, files.text("senders"))

    def test_a_purged_server_sends_no_more(self):
        self.set_option("own_domain", DOMAIN)
        self._configure()
        server = self._server()
        self.driver.service_purge(self.mail)
        self.assertFalse(server.exists())

    def test_a_server_of_a_customer_is_refused(self):
        self.mail.public = False
        self.set_option("own_domain", DOMAIN)
        with self.assertRaisesRegex(UserError, "a public service only"):
            self._configure()
        self.assertFalse(self._server())

    def test_a_domain_of_a_base_is_refused(self):
        base = self.make_base("shop")
        with self.files():
            self.deploy(base)
        self.set_option("own_domain", base.fulldomain)
        with self.assertRaisesRegex(UserError, "the domain of one of its bases"):
            self._configure()

    def test_a_base_does_not_take_the_domain_of_clouder_itself(self):
        self.set_option("own_domain", "clouder.mail.example")
        self._configure()
        taken, shop = self.make_base("clouder"), self.make_base("shop")
        with self.files() as files:
            with self.assertRaisesRegex(UserError, "Clouder itself sends from this"):
                self.driver.link_provide(taken.link_ids)
            self.deploy(taken)
            self.deploy(shop)
            self.assertEqual(files.domains(), {"shop.mail.example"})
            self.assertIn("@clouder.mail.example", files.text("senders"))
        self.assertFalse(taken.link_ids.mail_state)
        self.assertEqual(taken.link_ids.state, "broken")
        self.assertEqual(shop.link_ids.state, "deploying")

    def test_the_mail_of_the_bases_goes_on_without_it(self):
        first, later = self.make_base("shop"), self.make_base("later")
        with self.files() as files:
            self.deploy(first)
            for value in (first.fulldomain, "no domain"):
                self.set_option("own_domain", value)
                with self.subTest(value=value):
                    self.deploy(later)
                    self.assertEqual(
                        files.domains(), {first.fulldomain, later.fulldomain}
                    )
                    self.rest(later, "stopped")
                    self.assertNotIn(later.fulldomain, files.text("senders"))
                    self.withdraw(later)
                    self.assertEqual(later.link_ids.state, "withdrawn")
                    self.assertEqual(files.domains(), {first.fulldomain})
                    later.wanted = "running"
            self.deploy(first)
            self.assertIn(f"mailer@{first.fulldomain}", files.text("senders"))

    def test_what_is_wrong_with_it_goes_to_the_log(self):
        base, log = self.make_base("shop"), []
        self.patch(
            self.env.registry["clouder.job"],
            "_log",
            lambda _self, text, level="info": log.append((level, text)),
        )
        with self.files():
            self.deploy(base)
            self.set_option("own_domain", base.fulldomain)
            publish(self.mail)
        [(level, _text)] = [line for line in log if "one of its bases" in line[1]]
        self.assertEqual(level, "warning")

    def test_deploying_says_what_is_wrong_after_the_bases_are_served(self):
        base = self.make_base("shop")
        with self.files() as files:
            self.deploy(base)
            files.kept.clear()
            self.set_option("own_domain", base.fulldomain)
            with self.assertRaisesRegex(UserError, "the domain of one of its bases"):
                self.driver.service_configure(self.mail)
            self.assertEqual(files.domains(), {base.fulldomain})

    def test_its_domain_is_a_host_of_the_operator(self):
        bases = self.env["clouder.base"]
        self.set_option("own_domain", "clouder.mail.example")
        self.assertTrue(bases._is_operator_host("clouder.mail.example"))
        self.assertFalse(bases._is_operator_host("shop.mail.example"))
        # Nobody reserves names with a server of his own.
        self.mail.public = False
        self.assertFalse(bases._is_operator_host("clouder.mail.example"))

    def test_a_deployer_has_no_base_of_that_name(self):
        user = new_test_user(
            self.env, "mailtest-deployer", groups="clouder.group_deployer"
        )
        self.environment.user_ids = user
        self.environment.partner_id = user.partner_id
        self.domain.public = self.application.public = self.web.public = True
        self.set_option("own_domain", "clouder.mail.example")
        bases = self.env["clouder.base"].with_user(user)
        values = {
            "domain_id": self.domain.id,
            "environment_id": self.environment.id,
            "application_id": self.application.id,
            "service_id": self.web.id,
        }
        with self.assertRaisesRegex(ValidationError, "host name of Clouder itself"):
            bases.create({"name": "clouder", **values})
        self.assertTrue(bases.create({"name": "shop", **values}))

    def test_what_is_no_domain_is_refused(self):
        for value in (
            "clouder",
            "clouder.example\nx",
            "@clouder.example",
            "a b.example",
        ):
            with self.subTest(value=value), self.env.cr.savepoint() as now:
                self.set_option("own_domain", value)
                with self.assertRaisesRegex(UserError, "cannot be set up"):
                    self._configure()
                now.rollback()
                self.env.invalidate_all()

    def test_only_administrators_see_it(self):
        self.set_option("own_domain", DOMAIN)
        self._configure()
        user = new_test_user(
            self.env, "manager", groups="clouder.group_application_manager"
        )
        with self.assertRaises(AccessError):
            self.mail.with_user(user).read(["own_mail_server_id"])
