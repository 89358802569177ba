"""The key file, tokens, passwords and masking."""

import json
import os
import stat
import urllib.parse

import pytest
from clouder_lib import secrets
from clouder_lib.errors import SecretKeyError
from clouder_lib.secrets import (
    MASK,
    Masker,
    Vault,
    generate_password,
    masked,
    masking,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "secret.key"


def test_a_value_comes_back(path):
    vault = Vault.create(path)
    token = vault.encrypt("pässword")
    assert token.startswith(f"{vault.key_id}:")
    assert "pässword" not in token
    assert Vault.load(path).decrypt(token) == "pässword"
    assert Vault.load(path).hmac_key == vault.hmac_key


def test_the_file_is_private_and_never_overwritten(path):
    Vault.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with pytest.raises(SecretKeyError, match="exists already"):
        Vault.create(path)


def test_creation_is_private_under_any_umask(path):
    old = os.umask(0)
    try:
        Vault.create(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_open_to_others_is_refused(path, mode):
    Vault.create(path)
    path.chmod(mode)
    with pytest.raises(SecretKeyError, match="chmod 600"):
        Vault.load(path)


def test_a_missing_file_is_refused(path):
    with pytest.raises(SecretKeyError, match="is missing"):
        Vault.load(path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"primary": "a", "keys": {"a": "x"}, "hmac": ""}',
        "\x00",
    ],
)
def test_a_damaged_file_is_refused(path, content):
    Vault.create(path)
    path.write_text(content)
    with pytest.raises(SecretKeyError, match="is damaged"):
        Vault.load(path)


def test_a_primary_key_that_is_not_there_is_refused(path):
    Vault.create(path)
    content = json.loads(path.read_text())
    content["primary"] = "other"
    path.write_text(json.dumps(content))
    with pytest.raises(SecretKeyError):
        Vault.load(path)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(SecretKeyError):
        Vault.load(tmp_path)


def test_rotation_keeps_old_tokens_readable(path):
    vault = Vault.create(path)
    token = vault.encrypt("x")
    newer = vault.rotate(path)
    assert newer.key_id != vault.key_id
    assert newer.hmac_key == vault.hmac_key
    again = Vault.load(path)
    assert again.decrypt(token) == "x"
    assert not again.is_current(token)
    assert again.is_current(again.encrypt("x"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("token", ["", "x", "nokey:abc", ":"])
def test_a_foreign_token_is_refused(path, token):
    with pytest.raises(SecretKeyError, match="is not in the key file"):
        Vault.create(path).decrypt(token)


def test_a_changed_token_is_refused(path):
    vault = Vault.create(path)
    with pytest.raises(SecretKeyError, match="cannot be opened"):
        vault.decrypt(vault.encrypt("x")[:-4] + "abcd")
    with pytest.raises(SecretKeyError, match="cannot be opened"):
        vault.decrypt(f"{vault.key_id}:é")


def test_a_vault_does_not_show_its_keys(path):
    vault = Vault.create(path)
    assert next(iter(vault.keys.values())) not in repr(vault)
    assert repr(vault.hmac_key) not in repr(vault)


def test_passwords():
    made = {generate_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(word) == 24 and word.isalnum() for word in made)
    assert not set("0OoIl1") & set("".join(made))
    assert len(generate_password(40)) == 40


def test_masking_by_value_longest_first():
    masker = Masker(["pass", "password1"])
    assert masker.mask("x password1 y pass z") == f"x {MASK} y {MASK} z"


def test_short_values_are_left():
    assert Masker(["abc", ""]).mask("abc") == "abc"
    assert Masker([]).mask("abc") == "abc"


@pytest.mark.parametrize("secret", ['p"a\\ss\n1', "p@ss wörd/+", "a'b\"c$d"])
def test_masking_of_escaped_forms(secret):
    masker = Masker([secret])
    for form in (
        secret,
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        json.dumps({"x": secret}),
        json.dumps({"x": secret}, ensure_ascii=False),
    ):
        assert MASK in masker.mask(f"<{form}>")


def test_the_lines_of_a_key_are_masked_one_by_one():
    pem = "-----BEGIN KEY-----\nQUFBQUFBQUFBQUFBQUFB\nQkJCQkJCQkJCQkJCQkJC\n-----END KEY-----\n"
    shown = Masker([pem]).mask("log: QkJCQkJCQkJCQkJCQkJC")
    assert shown == f"log: {MASK}"
    assert "BEGIN" in Masker([pem]).mask("-----BEGIN KEY-----")


def test_each_secret_is_worked_out_once(monkeypatch):
    """A mail server has three secrets for each base, and a job may read them all."""
    worked, forms = [], secrets._forms
    monkeypatch.setattr(
        secrets, "_forms", lambda value: worked.append(value) or forms(value)
    )
    masker = Masker(["first-secret"])
    for number in range(50):
        masker.add(f"secret-{number:02}")
        assert masker.mask(f"a secret-{number:02} b") == f"a {MASK} b"
    assert masker.mask("first-secret secret-00") == f"{MASK} {MASK}"
    assert len(worked) == 51


def test_masking_blocks_nest():
    with masking(["outer-secret"]):
        with masking(["inner-secret"]):
            assert masked("outer-secret inner-secret") == f"{MASK} {MASK}"
        assert masked("outer-secret inner-secret") == f"{MASK} inner-secret"
    assert masked("outer-secret") == "outer-secret"


@pytest.mark.parametrize("length", [3, 8, 24])
def test_every_password_has_all_kinds_of_signs(length):
    for password in (generate_password(length) for _ in range(500)):
        assert len(password) == length
        assert any(map(str.islower, password))
        assert any(map(str.isupper, password))
        assert any(map(str.isdigit, password))
