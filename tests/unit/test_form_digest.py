"""What tells the same form from another one, when it is sent once more."""

import importlib.util
import pathlib

import pytest

FILE = pathlib.Path(__file__).parents[2] / "clouder_website/lib/tokens.py"


@pytest.fixture(scope="module")
def digest():
    spec = importlib.util.spec_from_file_location("tokens", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.form_digest


def test_the_same_form_with_the_same_texts_has_the_same_digest(digest):
    first = digest("token", 7, "shop", {"name": "acme", "email": "j@x.test"})
    assert first == digest("token", 7, "shop", {"email": "j@x.test", "name": "acme"})
    assert "token" not in first
    assert len(first) == 64


@pytest.mark.parametrize("parts", [
    ("other", 7, "shop", {"name": "acme"}),
    ("token", False, "shop", {"name": "acme"}),
    ("token", 7, "cafe", {"name": "acme"}),
    ("token", 7, "shop", {"name": "acne"}),
    ("token", 7, "shop", {"name": "acme", "email": ""}),
])  # fmt: skip
def test_anything_else_is_another_form(digest, parts):
    assert digest(*parts) != digest("token", 7, "shop", {"name": "acme"})


def test_without_a_token_no_form_is_the_same(digest):
    assert digest("", 7, "shop", {"name": "acme"}) == ""


def test_any_text_has_a_digest(digest):
    assert len(digest("\ud800\0", False, "\udfff", {"name": "\ud83d"})) == 64
