"""The tokens in addresses, as the server's log of requests has them."""

import importlib.util
import logging
import pathlib

import pytest

FILE = pathlib.Path(__file__).parents[2] / "clouder_website/lib/log_tokens.py"
TOKEN = "Zq8-x_Tn25oL2F3f26"


@pytest.fixture(scope="module")
def log_tokens():
    spec = importlib.util.spec_from_file_location("log_tokens", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "line",
    [
        f'"GET /instances/confirm/{TOKEN} HTTP/1.1" 200 -',
        f"GET /instances/confirm/{TOKEN}?x=1 HTTP/1.1",
        f"GET /fr/instances/progress/7/{TOKEN} HTTP/1.1",
        f"GET /instances/progress/7/{TOKEN}/state HTTP/1.1",
        f"GET /web/login?redirect=/instances/confirm/{TOKEN}&x=1 HTTP/1.1",
        f"GET /web/login?redirect=%2Finstances%2Fconfirm%2F{TOKEN} HTTP/1.1",
        f"GET /web/login?redirect=%2Finstances%2Fconfirm%2F{TOKEN}&x=1 HTTP/1.1",
        f"GET /web/login?redirect=%2finstances%2fconfirm%2f{TOKEN}%3fx%3d1 HTTP/1.1",
        f"GET /web/login?redirect=%252Finstances%252Fconfirm%252F{TOKEN} HTTP/1.1",
        f"GET /web/login?redirect=%252Finstances%252fconfirm%252F{TOKEN}%253Fx HTTP/1.1",
        f"GET /web/login?redirect=%2Finstances%2Fprogress%2F7%2F{TOKEN}%2Fstate HTTP/1.1",
        f"GET /web/login?redirect=%252Finstances%252Fprogress%252F7%252F{TOKEN} HTTP/1.1",
        f"'http://x.test/instances/confirm/{TOKEN}'",
    ],
)
def test_the_token_alone_is_masked(log_tokens, line):
    assert log_tokens.masked(line) == line.replace(TOKEN, "***")


def test_a_token_with_encoded_letters_is_masked_whole(log_tokens):
    """A browser that is asked for ``%41`` gets what ``A`` is."""
    line = f"GET /instances/confirm/%41{TOKEN}%2D{TOKEN} HTTP/1.1"
    assert log_tokens.masked(line) == "GET /instances/confirm/*** HTTP/1.1"


@pytest.mark.parametrize(
    "line",
    [
        "GET /instances/odoo HTTP/1.1",
        "GET /instances/confirm HTTP/1.1",
        "GET /web/login?redirect=%2Fmy%2Finstances%2F7 HTTP/1.1",
    ],
)
def test_other_addresses_stay(log_tokens, line):
    assert log_tokens.masked(line) == line


def test_records_are_masked_wherever_the_address_is(log_tokens):
    address = f"/web/login?redirect=%2Finstances%2Fconfirm%2F{TOKEN}"
    for message, args in ((address, ()), ('"%s" %s', (address, 303))):
        record = logging.LogRecord("werkzeug", 20, "x", 1, message, args, None)
        assert log_tokens.MaskTokens().filter(record)
        assert TOKEN not in record.getMessage()
        assert "***" in record.getMessage()
