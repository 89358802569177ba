import io

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import trans_export

CURE = "export the terms (odoo i18n export -d DATABASE %s) and translate them in fr.po"


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
                wanted = {e.msgid for e in polib.pofile(stream.getvalue().decode())}
                given = polib.pofile(file_path(f"{name}/i18n/{name}.pot"))
                missing = wanted - {entry.msgid for entry in given}
                self.assertFalse(missing, CURE % name)
