"""Whose part of a name is whose: registered domains, public suffixes, parents."""

import pytest
from clouder_lib import suffixes


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("shop.site.localhost", "site.localhost"),
        ("me.github.io", "github.io"),
        ("co.uk", "co.uk"),
    ],
)
def test_the_registered_domain(name, registered):
    assert suffixes.registered_domain(name) == registered


@pytest.mark.parametrize("name", ["com", "co.uk", "com.au"])
def test_what_everybody_registers_below(name):
    assert suffixes.is_public_suffix(name)


@pytest.mark.parametrize(
    "name", ["example.co.uk", "demo.localhost", "names.test", "github.io"]
)
def test_what_somebody_owns(name):
    assert not suffixes.is_public_suffix(name)


def test_the_names_above():
    assert suffixes.parents("login.shop.example.com") == [
        "shop.example.com",
        "example.com",
    ]
    assert suffixes.parents("example.com") == []
