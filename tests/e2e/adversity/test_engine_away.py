"""The engine stops, or something is removed by hand, while Clouder works."""

import contextlib
import pathlib
import socket
import socketserver
import threading
import urllib.parse

import docker
import pytest

from .. import faults
from ..client import PREFIX
from ..conftest import deploy, service


class Door:
    """A TCP or unix door in front of the engine that can be shut, as an engine stops."""

    def __init__(self, path, engine_url):
        self.path = str(path)
        self.engine = urllib.parse.urlsplit(engine_url)
        self.server = None
        self.open_connections = set()

    def _connect(self):
        if self.engine.scheme == "unix":
            back = socket.socket(socket.AF_UNIX)
            back.connect(self.engine.path)
            return back
        return socket.create_connection((self.engine.hostname, self.engine.port))

    def open(self):
        """Let calls through."""
        door = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                back = door._connect()
                pair = {self.request, back}
                door.open_connections |= pair
                there = threading.Thread(
                    target=_pump, args=(self.request, back), daemon=True
                )
                there.start()
                _pump(back, self.request)
                there.join()
                door.open_connections -= pair

        class Listener(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True
            block_on_close = False

        self.server = Listener(self.path, Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def shut(self):
        """Stop listening and cut the connections that are open."""
        self.server.shutdown()
        self.server.server_close()
        pathlib.Path(self.path).unlink(missing_ok=True)
        for connection in list(self.open_connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def door(tmp_path_factory, infra):
    engine_url = infra.api.read("clouder.node", infra.node, "engine_url")
    folder = tmp_path_factory.mktemp("door")
    folder.chmod(0o755)
    door = Door(folder / "engine.sock", engine_url)
    door.open()
    yield door
    door.shut()


def test_the_engine_stops_while_a_deployment_runs(infra, door, engine):
    api = infra.api
    node = api.create(
        "clouder.node",
        {
            "name": f"{PREFIX}-far",
            "engine_url": f"unix://{door.path}",
            "publish_ip": "127.0.0.1",
        },
    )
    record = service(api, infra.environment, node, "postgres", suffix="left")
    with faults.held(api, "service_container:before"):
        job = api("clouder.service", "deploy", [record])
        wait_for_step(api, job, "service_container")
        door.shut()
    told = wait_for_state(api, job, "retrying")
    # The engine that is missing is named by its address, which no record's name holds.
    assert f"the engine at unix://{door.path} is not reachable" in told["error"], told
    values = api.read("clouder.service", record, "state", "error")
    assert values == {"id": record, "state": "deploying", "error": told["error"]}
    door.open()
    status = api.follow(job)
    assert status["state"] == "done", api.story(status)
    assert engine.containers.get(f"{PREFIX}-left").status == "running"
    api.follow(api("clouder.service", "purge", [record], data=True))


def wait_for_state(api, job, state, tries=240):
    """Return the job's status as soon as it is in ``state``."""
    for _ in range(tries):
        status = api("clouder.job", "wait", [job], timeout=0.25)
        if status["state"] == state:
            return status
    raise AssertionError(f"job {job} is not {state}: {status}")


def wait_for_step(api, job, hook, tries=240):
    """Wait until the step ``hook`` of the job runs."""
    for _ in range(tries):
        running = api(
            "clouder.job.step",
            "search_count",
            [["job_id", "=", job], ["hook", "=", hook], ["state", "=", "running"]],
        )
        if running:
            return
        api("clouder.job", "wait", [job], timeout=0.25)
    raise AssertionError(f"job {job} did not come to {hook}")


def test_a_container_removed_by_hand_comes_back(infra, engine):
    base = infra.running_base("byhand")
    container = engine.containers.get(f"{PREFIX}-postgres")
    [volume] = [
        mount["Name"]
        for mount in container.attrs["Mounts"]
        if mount["Name"] == f"{PREFIX}-postgres.data"
        or "postgresql" in mount["Destination"]
    ]
    created = engine.volumes.get(volume).attrs["CreatedAt"]
    container.remove(force=True)
    deploy(infra.api, infra.postgres)
    assert engine.containers.get(f"{PREFIX}-postgres").status == "running"
    assert engine.volumes.get(volume).attrs["CreatedAt"] == created
    status = infra.api.follow(infra.api("clouder.base", "deploy", [base]))
    assert status["state"] == "done", infra.api.story(status)


def test_a_missing_container_is_noticed(infra, engine):
    engine.containers.get(f"{PREFIX}-proxy").remove(force=True)
    infra.api("clouder.service", "observe", [infra.proxy])
    assert infra.api.read("clouder.service", infra.proxy, "observed") == "missing"
    deploy(infra.api, infra.proxy)
    with pytest.raises(docker.errors.NotFound):
        engine.containers.get(f"{PREFIX}-proxy.old")
