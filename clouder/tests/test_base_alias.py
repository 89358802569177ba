import contextlib
from unittest import mock

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..lib import lookup
from ..lib.errors import CommandFailed
from ..lib.lookup import LookupFailed
from .life_case import LifeCase

HERE = "192.0.2.7"
HOSTILE = (
    "",
    "localhost",
    "192.0.2.1",
    "a b.example.org",
    "a;b.example.org",
    "-a.example.org",
    "UPPER.example.org",
    "exаmple.org",
    "a..example.org",
    "example.org.",
    "*.example.org",
    "x" * 64 + ".example.org",
    "www.org\n",
)


class FakeDns:
    """DNS that says what a test wants."""

    def __init__(self):
        self.addresses, self.cnames, self.texts = {}, {}, {}
        self.away = False

    def check_leads_to(self, name, wanted, server=None):
        if self.away:
            raise LookupFailed("DNS does not answer.", certain=False)
        if not set(self.addresses.get(name, ())) & set(wanted):
            raise LookupFailed(f"{name} leads elsewhere.")


@tagged("post_install", "-at_install")
class TestBaseAlias(LifeCase):
    """Own domains: who may have which, and when they are served."""

    def setUp(self):
        super().setUp()
        self.dns = FakeDns()
        self.hello = self.base()
        bases = self.env.registry["clouder.base"]
        self.patch(bases, "_visible_addresses", lambda _self: [HERE])

    @contextlib.contextmanager
    def names(self):
        """Have DNS say what ``self.dns`` holds."""
        with (
            mock.patch.object(lookup, "check_leads_to", self.dns.check_leads_to),
            mock.patch.object(
                lookup, "other_names", lambda name, _s: self.dns.cnames.get(name, set())
            ),
            mock.patch.object(
                lookup, "texts", lambda name, _s: self.dns.texts.get(name, set())
            ),
        ):
            yield

    def alias(self, name="shop.example.org", base=None, **values):
        return self.env["clouder.base.alias"].create(
            {"name": name, "base_id": (base or self.hello).id, **values}
        )

    def look(self, base=None):
        """Run the job that looks at the own domains."""
        base = base or self.hello
        with self.names():
            return self.ended((base.active_job_id or base._enqueue("aliases")).id)

    def lead(self, alias, proven=True):
        """Have DNS lead to here, with or without a proof."""
        for name in alias._names():
            self.dns.addresses[name] = {HERE}
        if proven:
            self.dns.texts[f"_clouder.{alias._proven_name()}"] = {alias.token}

    def test_a_new_one_is_looked_at_at_once_and_works_when_dns_leads_here(self):
        alias = self.alias()
        self.assertEqual(self.hello.active_job_id.action, "aliases")
        self.look()
        self.assertEqual(alias.state, "waiting")
        self.assertIn("leads elsewhere", alias.reason)
        self.lead(alias)
        job = self.look()
        self.assertEqual((alias.state, alias.reason), ("working", False))
        self.assertEqual(job.state, "done")
        self.assertEqual((self.hello.state, self.hello.wanted), ("running", "running"))

    def test_leading_here_alone_proves_nothing(self):
        """A name that somebody once pointed here belongs to him, not to who asks first."""
        alias = self.alias()
        self.lead(alias, proven=False)
        self.look()
        self.assertEqual(alias.state, "waiting")
        self.assertIn(alias.token, alias.reason)
        self.dns.texts["_clouder.shop.example.org"] = {"clouder-of-somebody-else"}
        self.look()
        self.assertEqual(alias.state, "waiting")
        self.dns.cnames[alias.name] = {"other.example.test"}
        self.look()
        self.assertEqual(alias.state, "waiting")
        self.dns.cnames[alias.name] = {self.hello.fulldomain}
        self.look()
        self.assertEqual(alias.state, "working")

    def _of_another(self, name, **values):
        """Return a purged base of another customer."""
        partner = self.env["res.partner"].create({"name": "Former", "is_company": True})
        environment = self.env["clouder.environment"].create(
            {"name": "Former", "prefix": "former", "partner_id": partner.id}
        )
        base = self.base(name, "purged", **values)
        base.environment_id = environment
        self.env.flush_all()
        return base

    def test_a_cname_that_another_customer_left_proves_nothing(self):
        self.dns.cnames["shop.example.org"] = {self.hello.fulldomain}
        self.hello.state = "purged"
        self.env.flush_all()
        former = self._of_another("hello")
        self.hello.state = "running"
        alias = self.alias()
        self.lead(alias, proven=False)
        self.look()
        self.assertEqual(alias.state, "waiting")
        self.assertIn(alias.token, alias.reason)
        former.environment_id = self.hello.environment_id
        self.look()
        self.assertEqual(alias.state, "working", "it was his own")

    def test_a_domain_that_another_customer_had_needs_a_proof(self):
        self.alias("www.shop.example.org", self._of_another("old"))
        alias = self.alias()
        self.lead(alias, proven=False)
        self.dns.cnames[alias.name] = {self.hello.fulldomain}
        self.look()
        self.assertEqual(alias.state, "waiting")
        self.lead(alias)
        self.look()
        self.assertEqual(alias.state, "working")

    def test_whoever_asks_for_it_too_does_not_break_what_works(self):
        alias = self.alias()
        self.lead(alias, proven=False)
        self.dns.cnames[alias.name] = {self.hello.fulldomain}
        self.look()
        self.alias(alias.name, self._of_another("rival"))
        self.look()
        self.assertEqual(alias.state, "working")

    def test_without_proof_if_the_settings_say_so(self):
        self.env["res.config.settings"].create(
            {"clouder_alias_without_proof": True}
        ).execute()
        alias = self.alias()
        self.lead(alias, proven=False)
        self.look()
        self.assertEqual(alias.state, "working")
        self.assertEqual({one["type"] for one in alias.dns_records()}, {"A"})

    def test_both_forms(self):
        for name, names in (
            ("example.org", ["example.org", "www.example.org"]),
            ("www.example.net", ["www.example.net", "example.net"]),
        ):
            alias = self.alias(name, www=True)
            self.assertEqual(alias._names(), names)
            self.assertEqual(alias._proven_name(), min(names, key=len))
            self.lead(alias)
            del self.dns.addresses[names[1]]
            self.look()
            self.assertIn(names[1], alias.reason)
            self.dns.addresses[names[1]] = {HERE}
            self.look()
            self.assertEqual(alias.state, "working")

    def test_what_its_owner_writes_into_dns(self):
        alias = self.alias("example.org", www=True)
        self.assertEqual(
            alias.dns_records(),
            [
                {"name": "example.org", "type": "A", "value": HERE},
                {"name": "www.example.org", "type": "A", "value": HERE},
                {"name": "_clouder.example.org", "type": "TXT", "value": alias.token},
            ],
        )

    def test_it_breaks_when_dns_leads_away_and_not_when_dns_is_away(self):
        alias = self.alias()
        self.lead(alias)
        self.look()
        self.dns.away = True
        self.look()
        self.assertEqual(alias.state, "working")
        self.dns.away = False
        self.dns.addresses.clear()
        self.look()
        self.assertEqual(alias.state, "broken")
        self.lead(alias)
        self.look()
        self.assertEqual(alias.state, "working")

    def test_the_first_who_proves_it_has_it(self):
        first, second = self.alias(), self.alias(base=self.base("other"))
        self.env["ir.config_parameter"].set_param("clouder.alias_without_proof", "True")
        for alias in (first, second):
            self.lead(alias)
        self.look()
        self.look(second.base_id)
        self.assertEqual((first.state, second.state), ("working", "waiting"))
        self.assertIn("Another base", second.reason)
        self.hello._forget_deployment("purge")
        self.look(second.base_id)
        self.assertEqual((first.state, second.state), ("waiting", "working"))

    def test_another_name_has_to_be_proven_again(self):
        alias = self.alias()
        self.lead(alias)
        self.look()
        alias.name = "other.example.org"
        self.assertEqual(alias.state, "waiting")
        self.look()
        self.assertEqual(alias.state, "waiting")

    def test_hostile_names(self):
        for name in HOSTILE:
            with self.subTest(name), self.assertRaises(UserError):
                self.alias(name)

    def test_names_that_clouder_gives_away(self):
        self.env["clouder.domain"].create(
            {"name": "hosted.example", "organisation": "Example"}
        )
        for name in ("example.test", "hello.example.test", "x.y.hosted.example"):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "lies in"):
                self.alias(name)
        with self.assertRaisesRegex(ValidationError, "lies in"):
            self.alias("www.hosted.example", www=True)
        domain = self.domain.copy({"name": "example.net"})
        self.alias("free.example.com")
        self.assertTrue(self.base("free", domain_id=domain.id))

    def test_no_base_takes_the_own_domain_of_another(self):
        self.alias("shop.later.example")
        later = self.env["clouder.domain"].create(
            {"name": "later.example", "organisation": "Example"}
        )
        with self.assertRaisesRegex(ValidationError, "own domain"):
            self.env["clouder.base"].create(
                {
                    "name": "shop",
                    "domain_id": later.id,
                    "environment_id": self.environment.id,
                    "application_id": self.app_shop.id,
                    "service_id": self.shop.id,
                }
            )

    def test_there_is_an_end_to_them(self):
        for number in range(20):
            self.alias(f"n{number}.example.org")
        with self.assertRaisesRegex(ValidationError, "at most 20"):
            self.alias("n20.example.org")

    def test_removing_one_is_published(self):
        alias = self.alias()
        self.look()
        alias.unlink()
        self.assertEqual(self.hello.active_job_id.action, "aliases")
        with self.assertRaisesRegex(UserError, "stays with its base"):
            self.alias().base_id = self.base("other")

    def test_a_busy_base_is_looked_at_later(self):
        self.hello._enqueue("restart")
        alias = self.alias()
        self.assertEqual(self.hello.active_job_id.action, "restart")
        with self.assertRaisesRegex(UserError, "busy"):
            alias.check()
        self.hello.active_job_id.cancel()
        self.hello.invalidate_recordset()
        crons = self.env.registry["ir.cron"]
        with mock.patch.object(crons, "_commit_progress", lambda *_args: 1):
            self.env["clouder.base.alias"]._cron_look()
        self.assertEqual(self.hello.active_job_id.action, "aliases")
        self.assertTrue(self.hello.active_job_id.upkeep)

    def test_busy_bases_do_not_keep_the_others_waiting(self):
        other = self.base("other")
        for base in (self.hello, other):
            base._enqueue("restart")
            self.alias(f"{base.name}.example.org", base)
        other.active_job_id.cancel()
        crons = self.env.registry["ir.cron"]
        with (
            mock.patch("odoo.addons.clouder.models.base_alias.BATCH", 1),
            mock.patch.object(crons, "_commit_progress", lambda *_args: 1),
        ):
            self.env["clouder.base.alias"]._cron_look()
        self.env.invalidate_all()
        self.assertEqual(other.active_job_id.action, "aliases")

    def test_a_failed_look_leaves_the_base_alone(self):
        def fail(*_args):
            raise CommandFailed(["dig"], 1, "")

        self.alias()
        with mock.patch.object(self.driver, "base_aliases", fail):
            job = self.look()
        self.assertEqual((job.state, self.hello.state), ("failed", "running"))
        self.assertFalse(self.hello.error)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_who_may(self):
        alias = self.alias()
        stranger = new_test_user(self.env, "other", groups="clouder.group_deployer")
        deployer = new_test_user(self.env, "deploys", groups="clouder.group_deployer")
        self.environment.user_ids = [Command.set(deployer.ids)]
        for ask in (
            lambda: alias.with_user(stranger).check(),
            lambda: alias.with_user(stranger).dns_records(),
            lambda: self.alias_of(stranger),
            lambda: alias.with_user(deployer).write({"state": "working"}),
            lambda: alias.with_user(deployer).write({"token": "known"}),
        ):
            with self.assertRaises(AccessError):
                ask()
        self.look()
        self.assertTrue(alias.with_user(deployer).check())

    def alias_of(self, user):
        return (
            self.env["clouder.base.alias"]
            .with_user(user)
            .create({"name": "stolen.example.org", "base_id": self.hello.id})
        )
