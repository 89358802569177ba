"""The README's example addon is built from the page, deployed and used."""

import os
import pathlib
import re
import shutil

import docker
import pytest

from ..client import PREFIX
from ..conftest import deploy, service

NAME = "clouder_template_redis"
PAGE = pathlib.Path(__file__).parents[3] / "README.md"
LIMIT = 80
BLOCK = re.compile(r"^#### `([\w./]+)`\n+```\w+\n(.*?)^```", re.M | re.S)
CONTAINER = f"{PREFIX}-redis"


def blocks():
    """Return the files of the example: path to text."""
    found = dict(BLOCK.findall(PAGE.read_text()))
    assert all(path.startswith(f"{NAME}/") for path in found)
    return found


def addons_folder():
    """Return the folder in its data directory where a server looks for addons too."""
    [folder] = pathlib.Path(os.environ["CLOUDER_E2E_STATE"], "data/addons").iterdir()
    folder.chmod(0o700)
    return folder


def module(api):
    return api.find("ir.module.module", ("name", "=", NAME))


@pytest.fixture(scope="module")
def addon(api):
    """Write the example where the server finds it, and install it."""
    home = addons_folder()
    shutil.rmtree(home / NAME, ignore_errors=True)
    for path, text in blocks().items():
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    api("ir.module.module", "update_list")
    api("ir.module.module", "button_immediate_install", [module(api)])
    assert api.read("ir.module.module", module(api), "state") == "installed"
    yield
    api("ir.module.module", "button_immediate_uninstall", [module(api)])
    assert not api.find("clouder.application.type", ("name", "=", "redis"))
    shutil.rmtree(home / NAME)


def redis(engine, *words, password=None):
    """Return what redis-cli prints in the container."""
    environment = {"REDISCLI_AUTH": password} if password else {}
    status, output = engine.containers.get(CONTAINER).exec_run(
        ["redis-cli", *words], environment=environment
    )
    assert status == 0, output
    return output.decode().strip()


def test_it_is_short():
    lines = [line for text in blocks().values() for line in text.splitlines()]
    assert len(lines) < LIMIT
    assert max(map(len, lines)) <= 100


def test_the_service_works(infra, addon, engine):
    api = infra.api
    record = service(api, infra.environment, infra.node, "redis")
    deploy(api, record)
    line = api.find("clouder.service.option", ("service_id", "=", record))
    password = api.read("clouder.service.option", line, "value")
    assert len(password) == 24
    assert "NOAUTH" in redis(engine, "ping")
    assert redis(engine, "ping", password=password) == "PONG"
    redis(engine, "set", "word", "canary", password=password)

    before = engine.containers.get(CONTAINER).id
    deploy(api, record)
    assert engine.containers.get(CONTAINER).id == before

    api("clouder.service.option", "write", [line], {"value": "another-password"})
    deploy(api, record)
    assert redis(engine, "get", "word", password="another-password") == "canary"

    status = api.follow(api("clouder.service", "purge", [record], data=True))
    assert status["state"] == "done", api.story(status)
    with pytest.raises(docker.errors.NotFound):
        engine.containers.get(CONTAINER)
    api("clouder.service", "unlink", [record])
    remove_image(api, engine)


def remove_image(api, engine):
    """Remove what stands in the way of an uninstallation."""
    image = api.find("clouder.image", ("name", "=", "redis"))
    application = api.find("clouder.application", ("code", "=", "redis"))
    api("clouder.application", "unlink", [application])
    api("clouder.image", "unlink", [image])
    for built in engine.images.list(name="clouder/redis"):
        engine.images.remove(built.id, force=True)
