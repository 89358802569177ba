"""A real engine, and names that no other test or service uses."""

import os
import secrets

import pytest
from clouder_lib.engine import Engine
from clouder_lib.errors import EngineError
from clouder_lib.labels import LABEL_DATABASE
from clouder_lib.spec import ContainerSpec

IMAGE = "debian:bookworm-slim"
KEY = b"test-key" * 4
URL = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")


@pytest.fixture(scope="session")
def engine():
    found = Engine.get(URL)
    found.ping()
    assert found.image_inspect(IMAGE), f"the image {IMAGE} is missing"
    return found


@pytest.fixture
def database():
    """The database uuid of one test: what bears it is removed at its end."""
    return f"test-{secrets.token_hex(8)}"


@pytest.fixture
def name():
    return f"tst-{secrets.token_hex(4)}"


@pytest.fixture(autouse=True)
def cleared(engine, database):
    """Leave nothing behind, whatever happens."""
    yield
    labels = {LABEL_DATABASE: database}
    api = engine.api
    for one in engine.container_list(labels):
        api.remove_container(one["Id"], force=True, v=True)
    for one in engine.volume_list(labels):
        api.remove_volume(one["Name"], force=True)
    for one in api.networks(filters={"label": f"{LABEL_DATABASE}={database}"}):
        api.remove_network(one["Id"])
    for one in api.images(filters={"label": f"{LABEL_DATABASE}={database}"}):
        try:
            engine.image_remove(one["Id"])
        except EngineError:
            api.remove_image(one["Id"], force=True)


@pytest.fixture
def network(engine, database, name):
    engine.network_ensure(f"clouder-{name}", {LABEL_DATABASE: database})
    return f"clouder-{name}"


@pytest.fixture
def make(database, name):
    """Write a spec of this test."""

    def write(**changes):
        given = {
            "name": name,
            "image": IMAGE,
            "command": ["sleep", "infinity"],
            "labels": {LABEL_DATABASE: database},
            "stop_timeout": 2,
            **changes,
        }
        return ContainerSpec(**given)

    return write


@pytest.fixture
def running(engine, make, name):
    """The name of a container that runs."""
    engine.container_ensure(make(), KEY)
    return name
