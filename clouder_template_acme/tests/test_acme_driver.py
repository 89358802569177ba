from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.clouder.lib.spec import ContainerSpec
from odoo.addons.clouder_template_proxy.drivers.challenges import ChallengeRefused

from ..lib.authority import Proof
from ..lib.failure import NotReady
from ..models.answers import DnsAnswers, HttpAnswers
from .common import CertifyCase

TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"


@tagged("post_install", "-at_install")
class TestAcmeDriver(CertifyCase):
    """Links to authorities, their accounts, and where proofs are shown."""

    allow_inherited_tests_method = True

    def test_the_account_key_is_made_once(self):
        self.driver.service_prepare(self.authority)
        key = self.authority._option("account_key")
        self.assertIn("PRIVATE KEY", key)
        self.driver.service_prepare(self.authority)
        self.assertEqual(self.driver._account(self.authority).key, key)
        line = self.authority.option_ids
        self.assertEqual(len(line), 1)
        self.assertFalse(line.value_plain)

    def test_the_account_follows_the_options(self):
        account = self.driver._account(self.authority)
        self.assertEqual(
            account.directory, "https://acme-v02.api.letsencrypt.org/directory"
        )
        self.assertIsNone(account.eab)
        for name in ("eab_kid", "eab_hmac", "account_email", "ca_certificates"):
            self.option(self.authority, name, f"my {name}")
        account = self.driver._account(self.authority)
        self.assertEqual(account.eab, ("my eab_kid", "my eab_hmac"))
        self.assertEqual(account.email, "my account_email")
        self.assertEqual(account.ca_pem, "my ca_certificates")

    def test_the_zone_names_the_authority(self):
        with self.world():
            base = self.live_base("shop")
        wanted = [["", "CAA", '0 issue "letsencrypt.org"']]
        self.assertEqual(self.link(base)._facts()["dns_records"], wanted)
        self.option(self.authority, "directory_url", "https://ca.example.org/dir")
        self.assertEqual(self.driver.link_provide(self.link(base))["dns_records"], [])
        self.option(self.authority, "caa_identity", "example.org")
        facts = self.driver.link_provide(self.link(base))
        self.assertEqual(facts["dns_records"], [["", "CAA", '0 issue "example.org"']])

    def test_a_base_needs_a_proxy(self):
        base = self.make_base("shop")
        base.link_ids.filtered(lambda one: one.target == self.proxy).target = False
        link = self.link(base)
        self.assertFalse(self.driver.link_after(link))
        with self.assertRaisesRegex(UserError, "no link to a proxy"):
            self.driver.link_provide(link)

    def test_it_comes_after_the_proxy(self):
        base = self.make_base("shop")
        proxy = base.link_ids.filtered(lambda one: one.target == self.proxy)
        self.assertEqual(self.driver.link_after(self.link(base)), proxy)

    def test_a_service_has_no_certificate(self):
        link = self.env["clouder.service.link"].create(
            {"service_id": self.web.id, "target": self.authority.id}
        )
        with self.assertRaisesRegex(UserError, "only bases"):
            self.driver.link_provide(link)

    def test_answers_of_the_proxy(self):
        with self.nginx() as nginx:
            base = self.live_base("shop")
            answers = HttpAnswers(base, self.proxy)
            answers.put([Proof("shop.example.com", TOKEN, f"{TOKEN}.{TOKEN}")])
            path = f"/srv/proxy/challenges/shop.example.com@{TOKEN}"
            self.assertEqual(nginx.files[path].content.decode(), f"{TOKEN}.{TOKEN}")
            answers.clear()
            self.assertEqual(nginx.removed[-1], path)

    def test_a_hostile_token_becomes_no_file(self):
        with self.nginx() as nginx:
            answers = HttpAnswers(self.make_base("shop"), self.proxy)
            before = dict(nginx.files)
            for host, token, text in (
                ("shop.example.com", "../../current.conf", TOKEN),
                ("shop.example.com", f"{TOKEN}/x", TOKEN),
                ("shop.example.com", f"{TOKEN}\n", TOKEN),
                ("../shop.example.com", TOKEN, TOKEN),
                ("shop.example.com", TOKEN, "<script>"),
                ("shop.example.com", "short", TOKEN),
            ):
                with self.subTest(token=token), self.assertRaises(ChallengeRefused):
                    answers.put([Proof(host, token, text)])
            self.assertEqual(nginx.files, before)

    def test_the_proxy_is_tried_before_the_authority(self):
        self.option(self.authority, "check_dns", "false")
        with self.nginx() as nginx:
            base = self.live_base("shop")
            answers = HttpAnswers(base, self.proxy)
            with self.assertRaisesRegex(NotReady, "does not show a proof"):
                answers.rehearse()
            self.assertEqual(nginx.asked[-1][1], "shop.example.com")
            self.assertTrue(
                nginx.asked[-1][2].startswith("/.well-known/acme-challenge/")
            )
            self.assertIn("challenges", nginx.removed[-1])

    def test_dns_01_needs_a_name_server(self):
        self.option(self.authority, "challenge", "dns-01")
        with self.world():
            base = self.live_base("shop")
            with self.assertRaisesRegex(NotReady, "no DNS service"):
                base._certificate_answers()

    def test_records_of_one_name_are_set_together(self):
        calls = []

        class Driver:
            def dns_challenge_set(self, service, domain, name, values):
                calls.append(("set", name, values))

            def dns_challenge_clear(self, service, domain, name):
                calls.append(("clear", name))

        class Service:
            def _driver(self):
                return Driver()

        answers = DnsAnswers(self.domain, Service(), self.domain, None)
        answers._await = lambda name, wanted: None
        answers.put([Proof("example.com", "a", "1"), Proof("example.com", "b", "2")])
        answers.clear()
        answers.clear()
        self.assertEqual(
            calls,
            [
                ("set", "_acme-challenge.example.com", ["1", "2"]),
                ("clear", "_acme-challenge.example.com"),
            ],
        )


@tagged("post_install", "-at_install")
class TestPebbleDriver(CertifyCase):
    """The authority for tests: its container and the way to it."""

    allow_inherited_tests_method = True
    driver_code = "pebble"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.driver = cls.env["clouder.driver"]._get("pebble")
        cls.pebble = cls.make_service(
            cls.env.ref("clouder_template_acme.application_pebble"), "pebble"
        )

    def test_its_container(self):
        self.option(self.pebble, "http_port", "18080")
        wanted = ContainerSpec(name="pebble", image="clouder/pebble:1")
        spec = self.driver.service_spec(self.pebble, wanted)
        self.assertEqual(
            list(spec.command), ["pebble", "-config", "/etc/clouder/pebble.json"]
        )
        self.assertEqual(spec.user, "65534")
        files = {file.path: file for file in self.driver.service_files(self.pebble)}
        self.assertIn(b'"httpPort": 18080', files["/etc/clouder/pebble.json"].content)
        self.assertTrue(files["/etc/clouder/pebble.pem"].secret)
        self.assertIn(b"PRIVATE KEY", files["/etc/clouder/pebble.pem"].content)

    def test_the_way_to_it(self):
        with self.fake_runner() as fake:
            fake.results["port_address"] = ("10.0.0.9", 14000)
            account = self.driver._account(self.pebble)
        self.assertEqual(account.directory, "https://10.0.0.9:14000/dir")
        self.assertIn("BEGIN CERTIFICATE", account.ca_pem)
        self.assertNotIn("PRIVATE KEY", account.ca_pem)
        self.assertEqual(account.server_name, "pebble.clouder.invalid")
