from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.clouder.models.application_type import (
    MODULE_DATA,
    MODULE_DATA_KEY,
    as_module,
)

from .common import HOSTILE, CatalogueCase


def by_hand(records):
    """Return ``records`` without the context in which a module works."""
    return records.with_context(**{MODULE_DATA_KEY: None})


@tagged("post_install", "-at_install")
class TestApplicationType(CatalogueCase):
    VALUES = {"name": "homemade", "system_user": "me"}

    def setUp(self):
        super().setUp()
        self.types = self.env["clouder.application.type"]

    def test_cannot_be_created_by_hand(self):
        administrator = self.user("administrator")
        for types in (
            self.types,
            self.types.sudo(),
            self.types.with_user(administrator),
        ):
            with self.assert_refused("made by modules only"):
                types.create(self.VALUES)

    def test_cannot_be_imported(self):
        result = self.types.load(["name", "system_user"], [["homemade", "me"]])
        self.assertFalse(result["ids"])
        self.assertIn("made by modules only", result["messages"][0]["message"])

    def test_no_context_of_a_caller_opens_the_door(self):
        for forged in (True, "MODULE_DATA", repr(MODULE_DATA), id(MODULE_DATA)):
            with self.subTest(forged=forged), self.assert_refused():
                self.types.with_context(**{MODULE_DATA_KEY: forged}).create(self.VALUES)
        for flag in ("install_mode", "install_module", "module", "_force_unlink"):
            with self.subTest(flag=flag), self.assert_refused():
                self.types.with_context(**{flag: "clouder"}).create(self.VALUES)

    def test_what_the_code_relies_on_is_fixed(self):
        for name, value in (
            ("name", "other"),
            ("driver", "other"),
            ("system_user", "other"),
            ("multiple_databases", "one,two"),
        ):
            with (
                self.subTest(field=name),
                self.assert_refused("only be changed by its module"),
            ):
                self.shop_type[name] = value
        self.shop_type.write({"name": "test-shop", "description": "Sells things"})
        self.assertEqual(self.shop_type.description, "Sells things")

    def test_cannot_be_deleted_by_hand(self):
        kind = as_module(self.types).create(self.VALUES)
        with self.assert_refused("uninstall its module"):
            by_hand(kind).unlink()
        with self.assertRaises(AccessError):
            by_hand(kind.with_user(self.user("administrator"))).unlink()
        as_module(kind).unlink()

    def test_names(self):
        for name in HOSTILE:
            with self.subTest(name=name[:30]), self.assert_refused():
                as_module(self.types).create({**self.VALUES, "name": name or False})

    def test_names_are_checked_by_the_database_too(self):
        for name in HOSTILE[:-1]:
            with self.subTest(name=name), self.assert_refused("check constraint"):
                self.env.cr.execute(
                    SQL(
                        "UPDATE clouder_application_type SET name = %s WHERE id = %s",
                        name,
                        self.shop_type.id,
                    )
                )

    def test_system_user(self):
        for name in ("root;id", "0day", "A", "a b"):
            with self.subTest(name=name), self.assert_refused():
                as_module(self.types).create({"name": "homemade", "system_user": name})

    def test_multiple_databases(self):
        kind = as_module(self.types).create(
            {**self.VALUES, "multiple_databases": "ccnet, seafile,seahub"}
        )
        self.assertEqual(kind._database_suffixes(), ["ccnet", "seafile", "seahub"])
        self.assertEqual(self.shop_type._database_suffixes(), [])
        for names in ("a,,b", "a,a", "a;b", ",", "A"):
            with self.subTest(names=names), self.assert_refused():
                as_module(kind).multiple_databases = names

    def test_driver_state(self):
        self.assertEqual(self.shop_type.driver_state, "installed")
        kind = as_module(self.types).create({**self.VALUES, "driver": "not-there"})
        self.assertEqual(kind.driver_state, "missing")


@tagged("post_install", "-at_install")
class TestApplicationTypeOption(CatalogueCase):
    def test_names(self):
        for name in (*HOSTILE, "with-hyphen", "1st", "_x"):
            with self.subTest(name=name[:30]), self.assert_refused():
                self.option(name or False)
        self.option("install_modules2")

    def test_name_is_unique_in_its_type(self):
        self.option("size", self.db_type)
        self.option("size")
        with self.assert_refused("unique constraint"):
            self.option("size")

    def test_kinds_of_value(self):
        cases = {
            "integer": ({"12": "12", " 7 ": "7", "-1": "-1"}, ("1.5", "x", "1;id")),
            "float": ({"1.5": "1.5", "2": "2.0"}, ("x", "nan", "inf")),
            "boolean": (
                {
                    "true": "true",
                    "True": "true",
                    "1": "true",
                    "no": "false",
                    "0": "false",
                },
                ("maybe", "2"),
            ),
            "choice": ({"small": "small", "large": "large"}, ("Small", "medium")),
            "text": ({"$(id)\n;'\"": "$(id)\n;'\""}, ("a\0b", "x" * 70_000)),
        }
        for kind, (good, bad) in cases.items():
            option = self.option(
                f"as_{kind}",
                value_type=kind,
                choices="small, large" if kind == "choice" else False,
            )
            for value, stored in good.items():
                self.assertEqual(option._clean(value), stored, kind)
            for value in bad:
                with (
                    self.subTest(kind=kind, value=value[:20]),
                    self.assert_refused(option.name),
                ):
                    option._clean(value)

    def test_default_must_fit(self):
        with self.assert_refused("a whole number"):
            self.option("workers2", value_type="integer", default="many")
        with self.assert_refused("one of: a, b"):
            self.option("size", value_type="choice", choices="a,b", default="c")
        with self.assert_refused("list of its choices"):
            self.option("size", value_type="choice")

    def test_secret_has_no_default(self):
        with self.assert_refused("check constraint"):
            self.option("token", secret=True, default="everybody knows")

    def test_module_options_are_fixed(self):
        option = self.option("from_module")
        self.env["ir.model.data"].create(
            {
                "module": "clouder",
                "name": "option_from_module",
                "model": option._name,
                "res_id": option.id,
            }
        )
        option = by_hand(option)
        with self.assert_refused("relies on option from_module"):
            option.name = "other"
        with self.assert_refused("cannot be deleted"):
            option.unlink()
        option.write({"name": "from_module", "default": "blue", "required": True})
        self.assertEqual(option.default, "blue")

    def test_used_option_cannot_be_deleted(self):
        self.shop.option_ids = [
            Command.create({"name": self.options["color"].id, "value": "green"})
        ]
        with self.assert_refused("Shop has a value"):
            self.options["color"].unlink()

    def test_becoming_secret_encrypts_what_is_there(self):
        self.shop.option_ids = [
            Command.create({"name": self.options["color"].id, "value": "canary-green"})
        ]
        line = self.shop.option_ids
        self.assertEqual(line.value_plain, "canary-green")
        self.options["color"].write({"default": False, "secret": True})
        self.assertFalse(line.value_plain)
        self.assertNotIn("canary-green", line.sudo().value_encrypted)
        self.assertEqual(line._clear_value(), "canary-green")
