from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from .common import CatalogueCase


@tagged("post_install", "-at_install")
class TestNameClaims(CatalogueCase):
    """One customer's names are out of reach for all others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web = cls.service("web")
        cls.stranger = cls.user("application_manager", "stranger")
        partner = cls.stranger.partner_id
        cls.theirs = cls.env["clouder.environment"].create(
            {
                "name": "Theirs",
                "prefix": "theirs",
                "partner_id": partner.id,
                "user_ids": cls.stranger.ids,
            }
        )

    def base(self, name, user=None, **values):
        bases = self.env["clouder.base"]
        return (bases.with_user(user) if user else bases).create(
            {
                "name": name,
                "domain_id": self.domain.id,
                "environment_id": self.environment.id,
                "application_id": self.shop.id,
                "service_id": self.web.id,
                **values,
            }
        )

    def claim(self, name, **values):
        """Make a domain as the stranger would."""
        domains = self.env["clouder.domain"].with_user(self.stranger)
        return domains.create({"name": name, "organisation": "Stranger", **values})

    def test_no_domain_within_or_around_another_customer_s(self):
        self.env["clouder.domain"].create(
            {"name": "shop.claims.co.uk", "organisation": "Us"}
        )
        for name in ("login.shop.claims.co.uk", "claims.co.uk", "a.b.shop.test"):
            with self.subTest(name=name), self.assert_refused("somebody else"):
                self.claim(name)
        for name in ("other.co.uk", "ashop.claims2.co.uk", "preshop.test"):
            with self.subTest(name=name):
                self.assertTrue(self.claim(name))

    def test_a_customer_divides_what_is_his(self):
        ours = self.env["clouder.domain"].create(
            {"name": "in.shop.test", "organisation": "Us"}
        )
        colleague = self.env["res.partner"].create(
            {"name": "Colleague", "parent_id": ours.partner_id.id}
        )
        ours.partner_id = colleague
        with self.assert_refused("somebody else"):
            ours.partner_id = self.stranger.partner_id
        mine = self.claim("mine.test")
        with self.assert_refused("somebody else"):
            mine.name = "mine.shop.test"

    def test_the_house_is_one_customer(self):
        """Its companies, its administrators, and what is nobody's."""
        administrator = self.user("administrator")
        for partner in (administrator.partner_id, self.env.company.partner_id, False):
            values = {"organisation": "Us", "partner_id": partner and partner.id}
            name = f"p{partner and partner.id}.shop.test".lower()
            with self.subTest(partner=partner):
                self.assertTrue(
                    self.env["clouder.domain"].create({"name": name, **values})
                )

    def test_what_everybody_registers_below_is_nobody_s(self):
        for name in ("co.uk", "com.au"):
            with self.subTest(name=name), self.assert_refused("Everybody may register"):
                self.claim(name)

    def test_nobody_takes_the_alias_of_a_bare_domain(self):
        bare = self.base("www")
        self.assertEqual(bare._host_names(), ("shop.test", "www.shop.test"))
        for name in ("www.shop.test", "x.www.shop.test"):
            with self.subTest(name=name), self.assert_refused():
                self.claim(name)
        domain = self.claim("elsewhere.test")
        self.env.flush_all()
        for table, field, record in (
            ("clouder_domain", "name", domain),
            ("clouder_base", "fulldomain", self.base("other")),
        ):
            self.env.flush_all()
            with self.subTest(table=table), self.assert_refused("without_www"):
                self.env.cr.execute(
                    f"UPDATE {table} SET {field} = 'www.shop.test' WHERE id = %s",
                    [record.id],
                )

    def test_a_live_base_keeps_the_names_below_its_own(self):
        """Not even who has the domain takes them from a customer."""
        base = self.base("www", environment_id=self.theirs.id)
        shop = self.base("shop", environment_id=self.theirs.id)
        ours = {"organisation": "Us"}
        domains = self.env["clouder.domain"]
        for name in ("shop.shop.test", "login.shop.shop.test", "x.www.shop.test"):
            with self.subTest(name=name), self.assert_refused("somebody else"):
                domains.create({"name": name, **ours})
        self.assertTrue(domains.create({"name": "free.shop.test", **ours}))
        (base | shop).state = "purged"
        self.assertTrue(domains.create({"name": "shop.shop.test", **ours}))

    def test_a_base_does_not_take_another_domain(self):
        self.env["clouder.domain"].create(
            {"name": "inner.shop.test", "organisation": "Us"}
        )
        with self.assert_refused("a domain of its own"):
            self.base("inner", environment_id=self.theirs.id)
        self.assertEqual(self.base("inner").fulldomain, "inner.shop.test")

    def test_the_hosts_of_clouder_itself_are_the_operator_s(self):
        """Neither a customer nor a deployer has a base there; administrators may."""
        self.patch(
            self.env.registry["clouder.base"],
            "_operator_hosts",
            lambda _self: {"panel.shop.test", "a.rack.shop.test"},
        )
        for name in ("panel", "rack"):
            with self.subTest(name=name), self.assert_refused("Clouder itself"):
                self.base(name, environment_id=self.theirs.id)
        house = self.environment
        house.partner_id = self.env.company.partner_id
        deployer = self.user("deployer", "names_deployer")
        house.user_ids = deployer
        self.web.public = True
        with self.assert_refused("Clouder itself"):
            self.base("panel", user=deployer)
        self.assertTrue(self.base("anel", environment_id=self.theirs.id))
        self.assertTrue(self.base("panel"))
        administrator = self.user("administrator", "names_administrator")
        rack = self.base("rack", user=administrator, environment_id=self.theirs.id)
        self.assertEqual(rack.fulldomain, "rack.shop.test")

    def test_what_was_claimed_meanwhile_counts(self):
        """The transaction cannot see it: it was there first."""
        partner = self.env.ref("base.partner_admin")
        self.env["clouder.domain"].search([], limit=1)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"clouder_no_deploy": True})
            values = {"name": "meanwhile.test", "organisation": "Fast"}
            made = env["clouder.domain"].create({**values, "partner_id": partner.id})
            made = made.id
        try:
            self.assertFalse(self.env["clouder.domain"].browse(made).exists())
            with self.assert_refused("somebody else"):
                self.claim("login.meanwhile.test")
        finally:
            with self.registry.cursor() as cr:
                cr.execute("DELETE FROM clouder_domain WHERE id = %s", [made])
