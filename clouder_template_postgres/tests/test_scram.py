import base64
import hashlib
import hmac

from odoo.tests import BaseCase, tagged

from ..lib.scram import ITERATIONS, verifier

KEY = b"k" * 32


@tagged("post_install", "-at_install")
class TestScram(BaseCase):
    def test_verifier_is_what_the_standard_says(self):
        self._assert_verifies("pencil", b"pencil")

    def test_password_is_prepared_as_clients_do(self):
        self._assert_verifies("\ufb01", b"fi")
        self._assert_verifies("\x07", b"\x07")

    def _assert_verifies(self, password, prepared):
        kind, counted, keys = verifier(password, "demo", KEY).split("$")
        iterations, salt = counted.split(":")
        stored, server = (base64.b64decode(key) for key in keys.split(":"))
        salted = hashlib.pbkdf2_hmac(
            "sha256", prepared, base64.b64decode(salt), int(iterations)
        )
        client = hmac.digest(salted, b"Client Key", "sha256")
        self.assertEqual((kind, int(iterations)), ("SCRAM-SHA-256", ITERATIONS))
        self.assertEqual(stored, hashlib.sha256(client).digest())
        self.assertEqual(server, hmac.digest(salted, b"Server Key", "sha256"))

    def test_same_input_same_verifier(self):
        self.assertEqual(verifier("a", "b", KEY), verifier("a", "b", KEY))

    def test_salt_differs_with_password_role_and_key(self):
        salts = {
            verifier(*words).split("$")[1]
            for words in (
                ("a", "b", KEY), ("x", "b", KEY), ("a", "x", KEY), ("a", "b", b"other")
            )
        }  # fmt: skip
        self.assertEqual(len(salts), 4)
