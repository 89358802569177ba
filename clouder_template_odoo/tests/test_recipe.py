import dataclasses

from odoo.tests import BaseCase, tagged

from odoo.addons.clouder.lib.errors import NameRefused

from ..lib.failure import reason
from ..lib.recipe import Recipe, beside, check_lang, group_ids, module_names

RECIPE = Recipe("a b", "code", ("base", "crm"), "fr_FR", ("base.group_user",))


@tagged("post_install", "-at_install")
class TestRecipe(BaseCase):
    def test_everything_is_in_the_name(self):
        changes = {
            "place": "x", "code": "x", "modules": ("base",), "lang": "en_US", "groups": (),
            "demo": True,
        }  # fmt: skip
        names = {
            dataclasses.replace(RECIPE, **{field: value}).name
            for field, value in changes.items()
        }
        self.assertEqual(len(names | {RECIPE.name}), len(changes) + 1)
        self.assertLessEqual(len(RECIPE.making), 63)

    def test_only_code_is_left_out_of_the_kind(self):
        self.assertEqual(RECIPE.kind, dataclasses.replace(RECIPE, code="x").kind)
        self.assertNotEqual(RECIPE.kind, dataclasses.replace(RECIPE, demo=True).kind)

    def test_commands(self):
        command = dataclasses.replace(RECIPE, demo=True).install_command()
        self.assertIn("--init=base,crm", command)
        self.assertIn("--load-language=fr_FR", command)
        self.assertIn("--with-demo", command)

    def test_modules(self):
        self.assertEqual(module_names(""), ("base",))
        self.assertEqual(
            module_names("web, crm  crm\nsale"), ("base", "crm", "sale", "web")
        )
        for text in ("--init", "a-b", "a.b", "A", "$(id)", "x" * 64, "é"):
            with self.assertRaises(NameRefused):
                module_names(text)

    def test_groups_and_languages(self):
        self.assertEqual(group_ids("b.x, a.y"), ("a.y", "b.x"))
        for text in ("x", "a.b;c", "a b.c", "-a.b"):
            with self.assertRaises(NameRefused):
                group_ids(text)
        self.assertEqual(check_lang("sr@latin"), "sr@latin")
        with self.assertRaises(NameRefused):
            check_lang("--x")

    def test_names_beside_are_short_and_distinct(self):
        names = {
            beside(word, host) for word in ("reset", "old") for host in ("a", "b" * 63)
        }
        self.assertEqual(len(names), 4)
        self.assertLess(max(map(len, names)), 63)

    def test_reason(self):
        output = (
            "2026-01-01 00:00:00,000 7 INFO db odoo: x\n"
            "2026-01-01 00:00:00,000 7 CRITICAL db odoo.service.server: Failed to start\n"
            "Traceback (most recent call last):\n"
            "odoo.exceptions.ValidationError: The view is wrong\n"
        )
        self.assertEqual(
            reason(output), "odoo.exceptions.ValidationError: The view is wrong"
        )
        self.assertEqual(reason(output.rsplit("odoo.exc")[0]), "Failed to start")
        self.assertEqual(reason("there is no group a.b\n"), "there is no group a.b")
        self.assertEqual(reason(""), "it printed nothing")
