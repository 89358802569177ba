from passlib.hash import pbkdf2_sha512

from odoo.tests import BaseCase, tagged

from odoo.addons.clouder.lib.secrets import generate_password

from ..lib.passwords import hash_password, is_generated
from ..lib.tenant import tenant_parameters

KEY = b"k" * 32


@tagged("post_install", "-at_install")
class TestTenant(BaseCase):
    def test_hash_is_one_that_odoo_verifies(self):
        password = generate_password()
        self.assertTrue(pbkdf2_sha512.verify(password, hash_password(password)))
        self.assertIn("$600000$", hash_password("typed by hand"))
        self.assertIn("$10000$", hash_password(password))

    def test_what_a_person_types_is_not_generated(self):
        self.assertTrue(is_generated(generate_password()))
        for password in (
            "", "a" * 40, "correct horse battery staple", "MyDogRexWasBornIn2019inParis!",
            "aB2" * 10, generate_password(23),
        ):  # fmt: skip
            self.assertFalse(is_generated(password), password)

    def test_digests_stay_and_tell_nothing(self):
        def items(**settings):
            return tenant_parameters("base 1", "http://x", settings, KEY)["items"]

        first, second = items(admin_password="weak"), items(admin_password="weak")
        self.assertEqual(
            first["admin_password"]["digest"], second["admin_password"]["digest"]
        )
        self.assertNotEqual(
            items(title="a")["title"]["digest"], items(title="b")["title"]["digest"]
        )
        self.assertNotEqual(
            items(title="a")["title"]["digest"],
            tenant_parameters("base 1", "", {"title": "a"}, b"x" * 32)["items"][
                "title"
            ]["digest"],
        )

    def test_what_is_empty_is_left_as_it_is(self):
        values = tenant_parameters("1", "u", {"admin_email": None, "title": "x"}, KEY)
        self.assertEqual(list(values["items"]), ["title"])

    def test_identity_differs_between_bases(self):
        self.assertNotEqual(
            tenant_parameters("1", "u", {}, KEY)["identity"],
            tenant_parameters("2", "u", {}, KEY)["identity"],
        )
