from odoo.tests import BaseCase, tagged

from odoo.addons.clouder.lib.errors import SpecRefused

from ..lib.render import line


@tagged("post_install", "-at_install")
class TestRender(BaseCase):
    def test_one_line_passes(self):
        for value in ("a b", "$x;'\"", 12, "é"):
            self.assertEqual(line(value), str(value))

    def test_a_second_line_is_refused(self):
        for value in ("a\nb", "a\r", "a\x00", "a\x85b", "a\u2028b", " a", "a "):
            with self.assertRaises(SpecRefused):
                line(value)
