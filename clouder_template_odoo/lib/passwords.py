"""Hash passwords the way Odoo stores them, so that they never travel in clear."""

from passlib.hash import pbkdf2_sha512

from odoo.addons.clouder.lib.secrets import ALPHABET

GENERATED_LENGTH = 24
TYPED_ROUNDS = 600_000
GENERATED_ROUNDS = 10_000


def hash_password(password: str) -> str:
    """Return the hash of ``password`` for the column ``res_users.password``.

    Many rounds slow down who guesses. A generated password has more than 128 bits and
    cannot be guessed with one round either, so it does not pay for them; Odoo hashes it
    anew, with its own number of rounds, when it is first used.
    """
    rounds = GENERATED_ROUNDS if is_generated(password) else TYPED_ROUNDS
    return str(pbkdf2_sha512.using(rounds=rounds).hash(password))


def is_generated(password: str) -> bool:
    """Return whether ``password`` looks like one of our generator, not of a person.

    In doubt it does not: a mistake then costs half a second and no safety.
    """
    signs = set(password)
    return (
        len(password) >= GENERATED_LENGTH
        and signs <= set(ALPHABET)
        and len(signs) >= GENERATED_LENGTH // 2
        and any(sign.isdigit() for sign in signs)
        and any(sign.islower() for sign in signs)
        and any(sign.isupper() for sign in signs)
    )
