from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CatalogueCase


@tagged("post_install", "-at_install")
class TestApplicationLinks(CatalogueCase):
    def setUp(self):
        super().setUp()
        self.template = self.env["clouder.application.template"].create(
            {"name": "Common"}
        )

    def link(self, owner, target, **values):
        """Add a link to a tag (text) or an application."""
        tag = self.tags.get(target) if isinstance(target, str) else None
        owner.link_ids = [
            Command.create(
                {
                    "tag_id": tag.id if tag else False,
                    "target_application_id": False if tag else target.id,
                    **values,
                }
            )
        ]
        return owner.link_ids[-1:]

    def test_one_target(self):
        for values in (
            {},
            {"tag_id": self.tags["database"].id, "target_application_id": self.db.id},
        ):
            with self.subTest(values=values), self.assert_refused("check constraint"):
                self.shop.link_ids = [Command.create(values)]

    def test_must_be_offered_somewhere(self):
        with self.assert_refused("check constraint"):
            self.link(self.shop, "database", service=False, base=False)

    def test_once_per_target(self):
        self.link(self.shop, "database")
        with self.assert_refused("unique constraint"):
            self.link(self.shop, "database")

    def test_alias(self):
        self.assertEqual(self.link(self.shop, "database").code, "database")
        self.assertEqual(self.link(self.shop, self.db).code, "db")

    def test_matches(self):
        by_tag = self.link(self.shop, "database")
        by_application = self.link(self.shop, self.db)
        other = self.application("Other", "other", self.db_type, ["database"])
        database, other_service = (
            self.service("db", self.db),
            self.service("other", other),
        )
        shop = self.service("shop")
        self.assertTrue(by_tag._matches(database))
        self.assertTrue(by_tag._matches(other_service))
        self.assertFalse(by_tag._matches(shop))
        self.assertTrue(by_application._matches(database))
        self.assertFalse(by_application._matches(other_service))
        services = self.env["clouder.service"].search(by_tag._target_domain())
        self.assertTrue(services >= database | other_service)
        self.assertNotIn(shop, services)
        services = self.env["clouder.service"].search(by_application._target_domain())
        self.assertEqual(services, database)

    def test_kinds(self):
        both = self.link(self.shop, "database", service=True, base=True)
        base = self.link(self.shop, "dns", service=False, base=True)
        service = self.link(self.shop, "mail", service=True, base=False)
        self.assertEqual(self.shop._links("service"), both | service)
        self.assertEqual(self.shop._links("base"), both | base)

    def test_templates_are_inherited_live_and_own_lines_win(self):
        inherited = self.link(self.template, "database", required=True)
        self.link(self.template, "mail")
        self.shop.template_ids = self.template
        self.assertEqual(
            self.shop._links("service").mapped("tag_id.code"), ["database", "mail"]
        )
        self.assertFalse(self.shop.link_ids)
        own = self.link(self.shop, "database", required=False)
        self.assertIn(own, self.shop._links("service"))
        self.assertNotIn(inherited, self.shop._links("service"))
        self.assertNotIn(inherited, self.shop.inherited_link_ids)
        own.write({"service": False, "base": True})
        self.assertEqual(self.shop._links("service").mapped("tag_id.code"), ["mail"])
        self.link(self.template, "dns")
        self.assertIn("dns", self.shop._links("service").mapped("tag_id.code"))

    def test_next_must_match(self):
        link = self.link(self.shop, "database")
        with self.assert_refused("application Shop"):
            link.next = self.service("shop")
        link.next = self.service("db", self.db)

    def test_next_must_be_usable(self):
        manager = self.user("application_manager")
        self.shop.partner_id = manager.partner_id
        hidden = self.service("db", self.db)
        link = self.link(self.shop, "database")
        with self.assertRaises(AccessError):
            link.with_user(manager).next = hidden.id
        self.environment.user_ids |= manager
        link.with_user(manager).next = hidden.id

    def test_links_of_a_tree(self):
        """What one child serves another is not asked of the tree as a whole."""
        exec_ = self.application("Exec", "exec", self.shop_type)
        self.link(exec_, "database")
        mail = self.link(exec_, "mail")
        self.shop.child_ids = exec_
        self.assertEqual(
            self.shop._service_links_of_tree().mapped("tag_id.code"),
            ["database", "mail"],
        )
        self.shop.child_ids |= self.db
        self.assertEqual(self.shop._service_links_of_tree(), mail)
