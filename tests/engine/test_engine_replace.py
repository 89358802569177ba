"""Ensure, commit, roll back, and a crash between any two calls to the engine."""

import dataclasses

import pytest
from clouder_lib import errors
from clouder_lib.engine import Engine
from clouder_lib.labels import LABEL_DATABASE
from clouder_lib.spec import File, Health, Limits, Mount, Port
from conftest import KEY, URL


def forms(engine, database):
    """Return ``{name: running}`` of all containers of a test."""
    return {
        one["Names"][0].lstrip("/"): one["State"] == "running"
        for one in engine.container_list({LABEL_DATABASE: database})
    }


def shown(engine, name):
    return engine.exec(name, ["sh", "-c", "echo $V; cat /etc/demo/v"]).output.split()


@pytest.fixture
def version(make):
    """Write the spec of one version of the container."""

    def write(value, **changes):
        files = [File("/etc/demo/v", value.encode())]
        return make(env={"V": value}, files=files, **changes)

    return write


def test_the_life_of_a_container(engine, version, name, database):
    one, two = version("1"), version("2")
    assert engine.container_ensure(one, KEY) == "created"
    first = engine.container_inspect(name)
    assert engine.container_ensure(one, KEY) == "unchanged"
    again = engine.container_inspect(name)
    assert again["Id"] == first["Id"]
    assert again["State"]["StartedAt"] == first["State"]["StartedAt"]
    engine.container_stop(name)
    assert engine.container_ensure(one, KEY) == "started"
    assert engine.container_inspect(name)["Id"] == first["Id"]
    assert engine.container_ensure(two, KEY) == "replaced"
    assert forms(engine, database) == {name: True, f"{name}.old": False}
    assert shown(engine, name) == ["2", "2"]
    assert engine.container_commit(name, {LABEL_DATABASE: database}) is True
    assert engine.container_commit(name, {LABEL_DATABASE: database}) is False
    assert forms(engine, database) == {name: True}
    assert len(engine.volume_list({LABEL_DATABASE: database})) == 1


def test_rolling_back(engine, version, name, database):
    engine.container_ensure(version("1"), KEY)
    engine.container_ensure(version("2"), KEY)
    assert engine.container_rollback(name, {LABEL_DATABASE: database}) is True
    assert forms(engine, database) == {name: True}
    assert shown(engine, name) == ["1", "1"]
    assert engine.container_rollback(name, {LABEL_DATABASE: database}) is False
    assert forms(engine, database) == {name: True}
    assert len(engine.volume_list({LABEL_DATABASE: database})) == 1


def test_a_replacement_that_is_not_committed_goes_on(engine, version, name, database):
    engine.container_ensure(version("1"), KEY)
    assert engine.container_ensure(version("2"), KEY) == "replaced"
    assert engine.container_ensure(version("2"), KEY) == "replaced"
    assert engine.container_ensure(version("3"), KEY) == "replaced"
    assert shown(engine, name) == ["3", "3"]
    engine.container_rollback(name, {LABEL_DATABASE: database})
    assert shown(engine, name) == ["1", "1"]


def test_going_back_to_the_old_spec_before_the_commit(engine, version, name, database):
    engine.container_ensure(version("1"), KEY)
    ident = engine.container_inspect(name)["Id"]
    engine.container_ensure(version("2"), KEY)
    assert engine.container_ensure(version("1"), KEY) == "started"
    assert engine.container_inspect(name)["Id"] == ident
    assert forms(engine, database) == {name: True}


class Crash(BaseException):
    """The worker was killed."""


class Crashing(Engine):
    """An engine whose process dies before the nth change."""

    def __init__(self, left):
        super().__init__(URL)
        self.left = left
        for word in ("rename", "start", "stop", "remove_container", "put_archive"):
            setattr(self.api, word, self._counted(getattr(self.api, word)))
        self.api.create_container_from_config = self._counted(
            self.api.create_container_from_config
        )

    def _counted(self, call):
        def counted(*args, **kwargs):
            if self.left == 0:
                raise Crash
            self.left -= 1
            return call(*args, **kwargs)

        return counted


@pytest.mark.parametrize("step", range(6))
def test_a_crash_while_replacing(engine, version, name, database, step):
    engine.container_ensure(version("1"), KEY)
    with pytest.raises(Crash):
        Crashing(step).container_ensure(version("2"), KEY)
    assert engine.container_ensure(version("2"), KEY) in ("replaced", "started")
    assert shown(engine, name) == ["2", "2"]
    engine.container_commit(name, {LABEL_DATABASE: database})
    assert forms(engine, database) == {name: True}
    assert len(engine.volume_list({LABEL_DATABASE: database})) == 1


@pytest.mark.parametrize("step", range(6))
def test_going_back_after_a_crash_while_replacing(
    engine, version, name, database, step
):
    engine.container_ensure(version("1"), KEY)
    with pytest.raises(Crash):
        Crashing(step).container_ensure(version("2"), KEY)
    engine.container_rollback(name, {LABEL_DATABASE: database})
    engine.container_ensure(version("1"), KEY)
    assert shown(engine, name) == ["1", "1"]
    assert forms(engine, database) == {name: True}


@pytest.mark.parametrize("step", range(3))
def test_a_crash_while_creating(engine, version, name, database, step):
    with pytest.raises(Crash):
        Crashing(step).container_ensure(version("1"), KEY)
    engine.container_ensure(version("1"), KEY)
    assert shown(engine, name) == ["1", "1"]
    assert forms(engine, database) == {name: True}


@pytest.mark.parametrize("step", range(4))
def test_a_crash_while_rolling_back(engine, version, name, database, step):
    engine.container_ensure(version("1"), KEY)
    engine.container_ensure(version("2"), KEY)
    with pytest.raises(Crash):
        Crashing(step).container_rollback(name, {LABEL_DATABASE: database})
    engine.container_rollback(name, {LABEL_DATABASE: database})
    assert shown(engine, name) == ["1", "1"]
    assert forms(engine, database) == {name: True}


def test_a_crash_while_committing(engine, version, name, database):
    engine.container_ensure(version("1"), KEY)
    engine.container_ensure(version("2"), KEY)
    with pytest.raises(Crash):
        Crashing(0).container_commit(name, {LABEL_DATABASE: database})
    engine.container_commit(name, {LABEL_DATABASE: database})
    assert shown(engine, name) == ["2", "2"]
    assert forms(engine, database) == {name: True}


def test_only_an_old_one_is_left(engine, version, name, database):
    engine.container_ensure(version("1"), KEY)
    engine.container_stop(name)
    engine.api.rename(name, f"{name}.old")
    assert engine.container_ensure(version("1"), KEY) == "started"
    engine.container_stop(name)
    engine.api.rename(name, f"{name}.old")
    with pytest.raises(errors.EngineMissing):
        engine.container_commit(name, {LABEL_DATABASE: database})
    assert forms(engine, database) == {name: True}


@pytest.mark.parametrize(
    "broken",
    [
        {"image": "no-such-image:1"},
        {"network": "no-such-network"},
        {"user": "no-such-user"},
        {"command": ["no-such-program"], "init": False},
    ],
    ids=str,
)
def test_a_spec_that_fails_leaves_the_old_one_serving(
    engine, version, name, database, broken
):
    engine.container_ensure(version("1"), KEY)
    with pytest.raises(errors.EngineRefused):
        engine.container_ensure(version("2", **broken), KEY)
    assert forms(engine, database) == {name: True}
    assert shown(engine, name) == ["1", "1"]


def test_a_first_spec_that_fails_leaves_nothing(engine, version, database):
    with pytest.raises(errors.EngineRefused):
        engine.container_ensure(version("1", user="no-such-user"), KEY)
    assert forms(engine, database) == {}
    assert engine.volume_list({LABEL_DATABASE: database}) == []


def test_a_taken_port_names_who_has_it(engine, make, version, name, database, network):
    other = f"{name}-other"
    spec = make(name=other, network=network, ports=[Port(80)])
    engine.container_ensure(spec, KEY)
    port = int(
        engine.container_inspect(other)["NetworkSettings"]["Ports"]["80/tcp"][0][
            "HostPort"
        ]
    )
    assert engine.host_ports()[port] == other
    engine.container_ensure(version("1", network=network), KEY)
    taken = version("2", network=network, ports=[Port(80, host_port=port)])
    with pytest.raises(
        errors.PortTaken, match=f"{port} .* container {other}"
    ) as caught:
        engine.container_ensure(taken, KEY)
    assert caught.value.port == port
    assert str(port) in caught.value.detail
    assert forms(engine, database) == {name: True, other: True}
    assert shown(engine, name) == ["1", "1"]


def test_what_is_not_ours_is_left_alone(engine, make, running, database):
    foreign = dataclasses.replace(make(), labels={LABEL_DATABASE: "somebody-else"})
    with pytest.raises(errors.EngineRefused, match="does not belong"):
        engine.container_ensure(foreign, KEY)
    for touch in (engine.container_remove, engine._remove_one):
        with pytest.raises(errors.EngineRefused, match="does not belong"):
            touch(running, {LABEL_DATABASE: "somebody-else"})
    assert forms(engine, database) == {running: True}
    with pytest.raises(errors.SpecRefused, match="label"):
        engine.container_ensure(dataclasses.replace(make(), labels={}), KEY)


def test_removing_keeps_named_volumes(engine, make, name, database):
    volume = f"{name}.data"
    engine.volume_ensure(volume, {LABEL_DATABASE: database})
    engine.container_ensure(make(mounts=[Mount(volume, "/data")]), KEY)
    engine.exec(name, ["sh", "-c", "echo kept > /data/x"])
    assert engine.container_remove(name, {LABEL_DATABASE: database}) is True
    assert engine.container_remove(name, {LABEL_DATABASE: database}) is False
    engine.container_ensure(make(mounts=[Mount(volume, "/data")]), KEY)
    assert engine.exec(name, ["cat", "/data/x"]).output == "kept\n"


def test_the_container_is_hardened_and_limited(engine, make, name):
    spec = make(limits=Limits(64, 0.5, 50), health=Health(["true"], 1))
    engine.container_ensure(spec, KEY)
    status = engine.exec(name, ["cat", "/proc/1/status"]).output
    found = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(found["CapBnd"], 16) == 0
    assert found["NoNewPrivs"] == "1"
    assert engine.exec(name, ["touch", "/x"], check=False).status == 1
    assert engine.exec(name, ["touch", "/tmp/x", "/run/x"]).status == 0
    host = engine.container_inspect(name)["HostConfig"]
    assert (host["Memory"], host["NanoCpus"], host["PidsLimit"]) == (64 << 20, 5e8, 50)


def test_waiting_until_ready(engine, make, name):
    command = ["sh", "-c", "sleep 0.6; touch /tmp/ready; exec sleep infinity"]
    engine.container_ensure(make(command=command), KEY)
    seen = []
    engine.wait_ready(name, ["test", "-e", "/tmp/ready"], 20, seen.append)
    assert seen[-1] == f"{name} is ready"


def test_never_ready_says_why(engine, make, name):
    command = ["sh", "-c", "echo cannot find my config; exec sleep infinity"]
    engine.container_ensure(make(command=command), KEY)
    with pytest.raises(errors.ConditionTimeout, match="is ready") as caught:
        engine.wait_ready(name, ["sh", "-c", "echo not yet; exit 1"], 1)
    assert "cannot find my config" in caught.value.detail
    assert "not yet" in str(caught.value)


def test_a_missing_program_is_noticed(engine, make, name):
    engine.container_ensure(make(command=["no-such-program"]), KEY)
    with pytest.raises(errors.ContainerStopped, match="status 127") as caught:
        engine.wait_ready(name, ["true"], 60)
    assert "no-such-program" in caught.value.detail


def test_an_end_is_noticed_before_the_deadline(engine, make, name):
    engine.container_ensure(make(command=["sh", "-c", "echo no config; exit 9"]), KEY)
    with pytest.raises(errors.ContainerStopped, match="status 9") as caught:
        engine.wait_ready(name, ["false"], 60)
    assert "no config" in caught.value.detail
