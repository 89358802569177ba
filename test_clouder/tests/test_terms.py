import io
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import trans_export

CURE = "export the terms (odoo i18n export -d DATABASE %s) and translate them in fr.po"

FIELD = re.compile(r"model:ir\.model\.fields,\w+:(\S+)")


@tagged("post_install", "-at_install")
class TestTerms(TransactionCase):
    def test_every_text_is_among_the_terms_to_translate(self):
        """A new text must reach the pot, from where the French file takes it."""
        addons = self.env["ir.module.module"].search(
            [("name", "=like", "clouder%"), ("state", "=", "installed")]
        )
        for name in addons.mapped("name"):
            with self.subTest(addon=name):
                stream = io.BytesIO()
                trans_export(False, [name], stream, "po", self.env)
                exported = polib.pofile(stream.getvalue().decode())
                wanted = {e.msgid for e in exported if self._is_own(e)}
                given = polib.pofile(file_path(f"{name}/i18n/{name}.pot"))
                missing = wanted - {entry.msgid for entry in given}
                self.assertFalse(missing, CURE % name)

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
