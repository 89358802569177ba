from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.clouder.models.option_mixin import MASK

from .common import CatalogueCase


@tagged("post_install", "-at_install")
class TestApplicationOptions(CatalogueCase):
    def setUp(self):
        super().setUp()
        self.template = self.env["clouder.application.template"].create(
            {"name": "Common"}
        )

    def value(self, name, kind="application"):
        """Return what the shop says of an option: (value, source)."""
        for option in self.shop._options(kind):
            if option.definition.name == name:
                return option.value, option.source
        return None

    def give(self, owner, name, value):
        owner.option_ids = [
            Command.create({"name": self.options[name].id, "value": value})
        ]

    def test_own_line_then_template_then_default(self):
        self.assertEqual(self.value("color"), ("red", "type"))
        self.give(self.template, "color", "blue")
        self.shop.template_ids = self.template
        self.assertEqual(self.value("color"), ("blue", "template"))
        self.give(self.shop, "color", "green")
        self.assertEqual(self.value("color"), ("green", "application"))
        self.shop.option_ids.value = False
        self.assertEqual(self.value("color"), ("blue", "template"))
        self.assertEqual(self.value("api_key"), ("", ""))

    def test_templates_are_inherited_live(self):
        self.give(self.template, "color", "blue")
        self.shop.template_ids = self.template
        self.assertFalse(self.shop.option_ids.name & self.options["color"])
        self.template.option_ids.value = "violet"
        self.assertEqual(self.value("color"), ("violet", "template"))
        self.assertEqual(self.shop.inherited_option_ids, self.template.option_ids)
        self.template.option_ids.unlink()
        self.assertEqual(self.value("color"), ("red", "type"))

    def test_first_template_decides(self):
        second = self.template.copy({"name": "Second", "sequence": 20})
        self.give(self.template, "color", "blue")
        self.give(second, "color", "black")
        self.shop.template_ids = second | self.template
        self.assertEqual(self.value("color"), ("blue", "template"))
        self.template.sequence = 30
        self.assertEqual(self.value("color"), ("black", "template"))

    def test_application_gives_defaults_of_services(self):
        self.assertEqual(self.value("workers", "service"), ("2", "type"))
        self.give(self.shop, "workers", 4)
        self.assertEqual(self.value("workers", "service"), ("4", "application"))

    def test_option_limited_by_tags(self):
        self.option("only_data", tag_ids=self.tags["data"].ids, default="x")
        self.assertIsNone(self.value("only_data"))
        self.shop.tag_ids |= self.tags["data"]
        self.assertEqual(self.value("only_data"), ("x", "type"))

    def test_foreign_option_is_refused(self):
        foreign = self.option("foreign", self.db_type)
        with self.assert_refused("cannot have option foreign"):
            self.shop.option_ids = [Command.create({"name": foreign.id, "value": "x"})]

    def test_value_is_checked_against_its_kind(self):
        with self.assert_refused("workers"):
            self.give(self.shop, "workers", "many")

    def test_required_option_without_value(self):
        self.option("license", required=True)
        self.option("owner", required=True)
        with self.assert_refused("license, owner"):
            self.application("New", "new", self.shop_type)

    def test_required_option_with_value(self):
        option = self.option("license", required=True)
        line = Command.create({"name": option.id, "value": "LGPL"})
        application = self.application("New", "new", self.shop_type, option_ids=[line])
        self.assertEqual(application._option("license"), "LGPL")
        with self.assert_refused("license"):
            application.option_ids.value = ""
        with self.assert_refused("change its value"):
            application.option_ids.filtered(lambda one: one.name == option).unlink()

    def test_required_option_from_a_template(self):
        option = self.option("license", required=True)
        self.template.option_ids = [
            Command.create({"name": option.id, "value": "LGPL"})
        ]
        application = self.application(
            "New", "new", self.shop_type, template_ids=self.template.ids
        )
        self.assertEqual(application._option("license"), "LGPL")
        with self.assert_refused("license"):
            application.template_ids = False
        with self.assert_refused("New needs option license"):
            self.template.option_ids.unlink()

    def test_required_option_with_a_default(self):
        self.option("license", required=True, default="LGPL")
        application = self.application("New", "new", self.shop_type)
        self.assertEqual(application._option("license"), "LGPL")

    def test_suggested_over_rpc(self):
        self.option("theme", auto=True, default="dark")
        application = self.application("New", "new", self.shop_type)
        self.assertEqual(application.option_ids.mapped("name.name"), ["theme"])
        self.assertEqual(application.option_ids.value, "dark")

    def test_suggested_in_the_form(self):
        self.option("theme", auto=True, default="dark")
        form = Form(self.env["clouder.application"])
        form.name, form.code = "New", "new"
        form.type_id = self.shop_type
        self.assertEqual(len(form.option_ids), 1)
        with form.option_ids.edit(0) as line:
            self.assertEqual(line.value, "dark")
            line.value = "light"
        self.assertEqual(form.save()._option("theme"), "light")

    def test_suggestion_can_be_declined_in_the_form(self):
        self.option("theme", auto=True, default="dark")
        self.option("mood", auto=True, default="good")
        form = Form(self.env["clouder.application"])
        form.name, form.code = "New", "new"
        form.type_id = self.shop_type
        form.option_ids.remove(index=0)
        self.assertEqual(len(form.save().option_ids), 1)


@tagged("post_install", "-at_install")
class TestSecretOptions(CatalogueCase):
    CANARY = "canary-7Q2x"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.option_ids = [
            Command.create({"name": cls.options["api_key"].id, "value": cls.CANARY})
        ]
        cls.line = cls.shop.option_ids.filtered("secret")
        cls.manager = cls.user("application_manager")
        cls.foreign_manager = cls.user("application_manager", "other")
        cls.shop.partner_id = cls.manager.partner_id

    def test_is_encrypted_in_the_database(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT * FROM clouder_application_option WHERE id = %s", [self.line.id]
        )
        self.assertNotIn(self.CANARY, str(self.env.cr.fetchall()))

    def test_code_reads_it(self):
        self.assertEqual(self.line._clear_value(), self.CANARY)
        self.assertEqual(self.shop._option("api_key"), self.CANARY)

    def test_who_reads_it(self):
        for user, shown in (
            (self.manager, self.CANARY),
            (self.user("administrator"), self.CANARY),
            (self.foreign_manager, MASK),
            (self.user("deployer"), MASK),
            (self.user("user"), MASK),
        ):
            with self.subTest(user=user.login):
                line = self.line.with_user(user)
                self.assertEqual(line.value, shown)
                self.assertEqual(line._value(), shown)
                self.assertEqual(line.read(["value"])[0]["value"], shown)

    def test_nobody_reads_the_token(self):
        with self.assertRaises(AccessError):
            self.line.with_user(self.user("administrator")).read(["value_encrypted"])

    def test_it_cannot_be_searched(self):
        lines = self.env["clouder.application.option"].with_user(self.user("user"))
        with self.assertRaises(ValueError):
            lines.search([("value", "=like", "canary%")])
        with self.assertRaises(AccessError):
            lines.search([("value_encrypted", "!=", "x")])

    def test_saving_the_mask_keeps_the_secret(self):
        self.line.value = MASK
        self.assertEqual(self.line._clear_value(), self.CANARY)

    def test_refusal_does_not_tell_it(self):
        option = self.option("pin", secret=True, value_type="integer")
        with self.assertRaises(ValidationError) as caught:
            self.shop.option_ids = [
                Command.create({"name": option.id, "value": self.CANARY})
            ]
        self.assertNotIn(self.CANARY, str(caught.exception))
