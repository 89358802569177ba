"""The server and the key of its secrets."""

import os
import pathlib
import stat

import pytest

STATE = pathlib.Path(os.environ.get("CLOUDER_E2E_STATE", "."))


def test_the_key_is_its_owners_alone(infra):
    key = STATE / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.fixture
def without_key(server):
    key, away = STATE / "secret.key", STATE / "secret.key.away"
    server.kill()
    key.rename(away)
    yield key
    away.replace(key)
    server.start()


def test_without_its_key_the_server_refuses_to_start(infra, server, without_key):
    log = STATE / "odoo.log"
    before = log.stat().st_size
    server.try_start()
    server.wait_dead()
    said = log.read_bytes()[before:].decode("utf-8", "replace")
    assert "cannot open the secrets of database" in said
    assert str(without_key) in said
    assert not without_key.exists(), "no new key was made over the lost one"
