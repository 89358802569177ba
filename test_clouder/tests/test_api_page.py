import inspect
import os
import pathlib

from odoo.tests import TransactionCase, tagged

from . import api_page
from .public_methods import models_of

PAGE = pathlib.Path(__file__).parents[2] / "docs/api.md"
WRITE = "CLOUDER_WRITE_DOCS"


@tagged("post_install", "-at_install")
class TestApiPage(TransactionCase):
    """The methods for scripts, and the page that describes them."""

    maxDiff = None

    def methods(self):
        for name, model in models_of(self.env).items():
            for method, function in api_page.api_methods(model).items():
                yield f"{name}.{method}", function, api_page.described(model, method)

    def test_each_says_what_it_takes_and_gives(self):
        for name, function, said in self.methods():
            given = set(list(inspect.signature(function).parameters)[1:])
            with self.subTest(method=name):
                self.assertTrue(said["does"].endswith("."), said["does"])
                self.assertTrue(said["return"], "no :return:")
                self.assertEqual(set(said["param"]), given)
                if "id of the" in said["return"] or "as `deploy`" in said["return"]:
                    self.assertTrue(said["raise"], "no :raise: of a job")

    def test_the_page_is_current(self):
        """Written anew with CLOUDER_WRITE_DOCS=1 in the environment."""
        text = api_page.page(self.env)
        if os.environ.get(WRITE):
            PAGE.write_text(text)
        self.assertEqual(
            PAGE.read_text() if PAGE.exists() else "",
            text,
            f"run this test once with {WRITE}=1 in the environment",
        )

    def test_the_promised_methods_are_there(self):
        """What a script may count on from one release to the next."""
        promised = {
            "clouder.base": "apply deploy plan purge reset restart start stop upgrade",
            "clouder.job": "cancel log retry status wait",
            "clouder.service": "apply deploy observe plan purge restart start stop",
            "clouder.node": "check",
        }
        there = {name for name, _function, _said in self.methods()}
        for model, names in promised.items():
            for name in names.split():
                self.assertIn(f"{model}.{name}", there)
