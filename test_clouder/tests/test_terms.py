import io
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import trans_export

CURE = "export the terms (odoo i18n export -d DATABASE %s) and translate them in fr.po"

# The comment of a term names its modules, over as many lines as it takes.
WORD = re.compile(r"\w+")
FIELD = re.compile(r"model:ir\.model\.fields,\w+:(\S+)")


@tagged("post_install", "-at_install")
class TestTerms(TransactionCase):
    def test_every_text_is_among_the_terms_to_translate(self):
        """A new text must reach the pot, from where the French file takes it."""
        addons = self.env["ir.module.module"].search(
            [("name", "=like", "clouder%"), ("state", "=", "installed")]
        )
        wanted = self._wanted(addons.mapped("name"))
        self.assertEqual(wanted.keys(), set(addons.mapped("name")))
        for name, terms in wanted.items():
            with self.subTest(addon=name):
                given = polib.pofile(file_path(f"{name}/i18n/{name}.pot"))
                missing = terms - {entry.msgid for entry in given}
                self.assertFalse(missing, CURE % name)

    def _wanted(self, names):
        """Return the terms that Odoo finds in addons: name of the addon to a set."""
        stream = io.BytesIO()
        trans_export(False, names, stream, "po", self.env)
        wanted = {}
        for entry in polib.pofile(stream.getvalue().decode()):
            if self._is_own(entry):
                for name in set(WORD.findall(entry.comment)) & set(names):
                    wanted.setdefault(name, set()).add(entry.msgid)
        return wanted

    def _is_own(self, entry):
        """Tell whether a term stands in our own code, not in a field that others add.

        An addon that happens to be installed may add fields to the mail thread, and with
        it to our models.
        """
        places = [FIELD.match(place) for place, _line in entry.occurrences]
        if not all(places):
            return True
        fields = [self.env.ref(place[1]) for place in places]
        return any(
            (self.env[field.model]._fields[field.name]._module or "").startswith(
                "clouder"
            )
            for field in fields
        )
