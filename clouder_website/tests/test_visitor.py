from odoo.tests import BaseCase, tagged

from ..lib import visitor


@tagged("post_install", "-at_install")
class TestVisitor(BaseCase):
    """What names and addresses of strangers are brought to."""

    def test_one_person_has_one_mailbox(self):
        for email in ("Jane@A.test", " jane+1@a.test", "jane+1+2@a.test"):
            self.assertEqual(visitor.mailbox(email), "jane@a.test")
        self.assertEqual(visitor.mailbox("+1@a.test"), "+1@a.test")
        self.assertEqual(visitor.mailbox("jane"), "jane")
        self.assertEqual(visitor.mailbox(None), "")

    def test_names_with_an_address_in_them(self):
        for name in (
            "win at http://evil.example",
            "evil.example",
            "evil。example",
            "a/b",
            "jane@evil",
            "http\uff1a\uff0f\uff0fx",
        ):
            with self.subTest(name=name):
                self.assertTrue(visitor.links(name))
                self.assertFalse(visitor.links(visitor.without_links(name)))

    def test_names_of_people(self):
        for name in ("Jane Doe", "J.R.R. Tolkien", "Dr. O'Neil-Smith", "Zoë 李"):
            with self.subTest(name=name):
                self.assertFalse(visitor.links(name))
                self.assertEqual(visitor.without_links(name), name)

    def test_what_is_text(self):
        self.assertTrue(visitor.is_text(""))
        for value in ("a\0b", "\ud800", b"a", 5, None, ["a"], {}):
            with self.subTest(value=value):
                self.assertFalse(visitor.is_text(value))

    def test_hosts_of_addresses(self):
        for url in ("https://A.test:8069/x", "a.test", "//a.test", "http://a.test"):
            self.assertEqual(visitor.url_host(url), "a.test")
        for url in (None, "", "http://[::1"):
            self.assertEqual(visitor.url_host(url), "")
