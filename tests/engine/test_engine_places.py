"""Networks, volumes, images, throw-away containers."""

import pytest
from clouder_lib import errors
from clouder_lib.labels import LABEL_DATABASE, LABEL_DIGEST, LABEL_RECORD
from clouder_lib.spec import File, Mount
from clouder_lib.wait import wait_for
from conftest import IMAGE, KEY

RESOLVE = ["getent", "hosts"]


def resolves(engine, container, host):
    return engine.exec(container, [*RESOLVE, host], check=False).status == 0


def test_networks_are_made_once_and_are_ours(engine, network, database):
    labels = {LABEL_DATABASE: database}
    first = engine.network_find(network)["Id"]
    assert engine.network_ensure(network, labels) == first
    with pytest.raises(errors.EngineRefused, match="does not belong"):
        engine.network_ensure(network, {LABEL_DATABASE: "other"})
    with pytest.raises(errors.EngineRefused, match="does not belong"):
        engine.network_remove(network, {LABEL_DATABASE: "other"})
    assert engine.network_remove(network, {LABEL_DATABASE: database}) is True
    assert engine.network_remove(network, {LABEL_DATABASE: database}) is False


def test_who_is_in_a_removed_network_leaves_it(engine, make, name, network, database):
    """A shared proxy, for instance."""
    other, labels = f"{network}-2", {LABEL_DATABASE: database}
    engine.network_ensure(other, labels)
    engine.container_ensure(make(network=network), KEY)
    engine.network_join(other, name, ["proxy"])
    assert engine.network_remove(other, labels) is True
    assert engine.network_find(other) is None
    assert engine.network_leave(other, name) is False


def test_names_in_networks(engine, make, name, network, database):
    engine.network_ensure(f"{network}-2", {LABEL_DATABASE: database})
    engine.container_ensure(make(network=network, aliases=["db"]), KEY)
    engine.container_ensure(make(name=f"{name}-b", network=network), KEY)
    engine.container_ensure(make(name=f"{name}-c", network=f"{network}-2"), KEY)
    assert resolves(engine, f"{name}-b", "db")
    assert resolves(engine, f"{name}-b", name)
    assert not resolves(engine, f"{name}-c", name)
    assert engine.network_join(f"{network}-2", name, ["shared-db"]) is True
    assert engine.network_join(f"{network}-2", name, ["shared-db"]) is False
    assert resolves(engine, f"{name}-c", "shared-db")
    assert resolves(engine, f"{name}-c", name)
    assert not resolves(engine, f"{name}-b", "shared-db")
    assert not resolves(engine, f"{name}-c", f"{name}-b")
    assert engine.network_join(f"{network}-2", name, ["second"]) is True
    assert resolves(engine, f"{name}-c", "shared-db")
    assert engine.network_leave(f"{network}-2", name) is True
    assert engine.network_leave(f"{network}-2", name) is False
    assert not resolves(engine, f"{name}-c", "shared-db")


def test_joins_outlive_a_replacement(engine, make, name, network, database):
    other = f"{network}-2"
    engine.network_ensure(other, {LABEL_DATABASE: database})
    engine.container_ensure(make(name=f"{name}-c", network=other), KEY)
    engine.container_ensure(make(network=network, aliases=["db"]), KEY)
    engine.network_join(other, name, ["shared-db"])
    spec = make(network=network, aliases=["db"], env={"V": "2"})
    assert engine.container_ensure(spec, KEY) == "replaced"
    engine.container_commit(name, {LABEL_DATABASE: database})
    assert resolves(engine, f"{name}-c", "shared-db")
    engine.container_ensure(make(network=network, env={"V": "3"}), KEY)
    engine.container_rollback(name, {LABEL_DATABASE: database})
    assert resolves(engine, f"{name}-c", "shared-db")
    assert resolves(engine, f"{name}-c", name)


def test_a_network_that_was_made_anew_is_joined_anew(engine, make, network, database):
    spec = make(network=network, aliases=["db"])
    engine.container_ensure(spec, KEY)
    engine.container_stop(spec.name)
    engine.api.disconnect_container_from_network(spec.name, network, force=True)
    engine.network_remove(network, {LABEL_DATABASE: database})
    engine.network_ensure(network, {LABEL_DATABASE: database})
    assert engine.container_ensure(spec, KEY) == "started"
    assert resolves(engine, spec.name, "db")


def test_volumes_are_ours_or_left_alone(engine, name, database):
    labels = {LABEL_DATABASE: database}
    assert engine.volume_ensure(name, labels) is True
    assert engine.volume_ensure(name, labels) is False
    for touch in (
        lambda: engine.volume_ensure(name, {LABEL_DATABASE: "other"}),
        lambda: engine.volume_remove(name, {LABEL_DATABASE: "other"}),
        lambda: engine.volume_fill(name, IMAGE, "/opt", {LABEL_DATABASE: "other"}),
    ):
        with pytest.raises(errors.EngineRefused, match="does not belong"):
            touch()
    engine.api.create_volume(f"{name}.foreign")
    try:
        with pytest.raises(errors.EngineRefused, match="does not belong"):
            engine.volume_remove(f"{name}.foreign", {LABEL_DATABASE: database})
    finally:
        engine.api.remove_volume(f"{name}.foreign")
    assert engine.volume_remove(name, {LABEL_DATABASE: database}) is True
    assert engine.volume_remove(name, {LABEL_DATABASE: database}) is False


def test_what_another_record_left_is_not_inherited(engine, make, name, database):
    """The same name a second time: volume and container of the first one stay his."""
    mine, theirs = (
        {LABEL_DATABASE: database, LABEL_RECORD: f"clouder.service,{number}"}
        for number in (1, 2)
    )
    engine.volume_ensure(name, theirs)
    engine.container_ensure(make(labels=theirs), KEY)
    for touch in (
        lambda: engine.volume_ensure(name, mine),
        lambda: engine.volume_check(name, mine),
        lambda: engine.volume_remove(name, mine),
        lambda: engine.volume_fill(name, IMAGE, "/opt", mine),
        lambda: engine.container_ensure(make(labels=mine), KEY),
        lambda: engine.container_check(name, mine),
        lambda: engine.container_remove(name, mine),
    ):
        with pytest.raises(errors.EngineRefused, match="another record") as caught:
            touch()
        assert name in caught.value.cure
    assert engine.volume_ensure(name, theirs) is False
    assert engine.container_ensure(make(labels=theirs), KEY) == "unchanged"


def test_an_empty_network_of_a_former_record_is_made_anew(engine, make, name, database):
    mine, theirs = (
        {LABEL_DATABASE: database, LABEL_RECORD: f"clouder.environment,{number}"}
        for number in (1, 2)
    )
    network = f"clouder-{name}"
    first = engine.network_ensure(network, theirs)
    engine.container_ensure(make(network=network), KEY)
    with pytest.raises(errors.EngineRefused, match="another environment"):
        engine.network_ensure(network, mine)
    engine.container_remove(name, {LABEL_DATABASE: database})
    assert engine.network_ensure(network, mine) != first
    assert engine.network_ensure(network, mine) == engine.network_find(network)["Id"]


def test_volumes_are_given_to_users_of_the_image(engine, name, database):
    labels = {LABEL_DATABASE: database}
    first, second = f"{name}.a", f"{name}.b"
    for volume in (first, second):
        engine.volume_ensure(volume, labels)
    wanted = {first: ("/srv/new/deep", "www-data"), second: ("/root", "games")}
    engine.volumes_give(wanted, IMAGE, labels)
    found = engine.run_once(
        IMAGE,
        ["stat", "-c", "%a %u %g", "/a", "/b"],
        mounts=[Mount(first, "/a"), Mount(second, "/b")],
        labels=labels,
    )
    assert found.output == "755 33 33\n700 5 60\n"
    with pytest.raises(errors.EngineRefused, match="no user 'nobody-here'"):
        engine.volumes_give({first: ("/a", "nobody-here")}, IMAGE, labels)
    assert engine.container_list(labels) == []


def test_a_container_gives_its_folders_before_it_starts(engine, make, name, database):
    labels = {LABEL_DATABASE: database}
    engine.volume_ensure(f"{name}.data", labels)
    spec = make(
        mounts=[Mount(f"{name}.data", "/srv/new/deep")],
        command=["sh", "-c", "stat -c '%a %u %g' /srv/new/deep; exec sleep infinity"],
        read_only=True,
    )
    with pytest.raises(errors.EngineRefused, match="no user 'nobody-here'"):
        engine.container_ensure(spec, KEY, {"/srv/new/deep": "nobody-here"})
    assert engine.container_list(labels) == []
    engine.container_ensure(spec, KEY, {"/srv/new/deep": "www-data"})

    def look():
        log = engine.container_log(name)
        return "755 33 33" in log, log

    wait_for("what it saw at its start", look, 30)
    changed = ["stat", "-c", "%Z", "/srv/new/deep"]
    before = engine.exec(name, changed).output
    engine.container_remove(name, labels)
    engine.container_ensure(spec, KEY, {"/srv/new/deep": "www-data"})
    assert engine.exec(name, changed).output == before, "a folder of his is not touched"


def test_a_volume_in_use_stays(engine, make, name, database):
    engine.volume_ensure(f"{name}.data", {LABEL_DATABASE: database})
    engine.container_ensure(make(mounts=[Mount(f"{name}.data", "/data")]), KEY)
    for _time in ("while it runs", "when it is stopped"):
        with pytest.raises(errors.EngineRefused, match="in use"):
            engine.volume_remove(f"{name}.data", {LABEL_DATABASE: database})
        engine.container_stop(name)


def test_a_volume_is_filled_once_from_an_image(engine, name, database):
    labels = {LABEL_DATABASE: database}
    assert engine.volume_fill(name, IMAGE, "/etc/apt", labels) is True
    run = engine.run_once
    mount = [Mount(name, "/x")]
    assert "apt.conf.d" in run(IMAGE, ["ls", "/x"], mounts=mount).output
    run(IMAGE, ["touch", "/x/mine"], mounts=mount)
    assert engine.volume_fill(name, IMAGE, "/etc/apt", labels) is False
    assert "mine" in run(IMAGE, ["ls", "/x"], mounts=mount).output


def test_a_half_filled_volume_is_filled_again(engine, name, database):
    labels = {LABEL_DATABASE: database}
    engine.volume_ensure(name, labels)
    engine.run_once(IMAGE, ["touch", "/x/half"], mounts=[Mount(name, "/x")])
    helper = {
        "Image": IMAGE,
        "Cmd": ["x"],
        "Labels": labels,
        "HostConfig": {"Mounts": [Mount(name, "/etc/apt").to_engine({})]},
    }
    engine.create_raw(helper, f"{name}.fill")
    assert engine.volume_fill(name, IMAGE, "/etc/apt", labels) is True
    listed = engine.run_once(IMAGE, ["ls", "/x"], mounts=[Mount(name, "/x")]).output
    assert "half" not in listed
    assert "apt.conf.d" in listed
    assert engine.container_list(labels) == []


def test_images_are_built_with_a_live_log(engine, name, database):
    lines = []
    labels = {LABEL_DATABASE: database, LABEL_DIGEST: '$HOME "x"'}
    text = f"FROM {IMAGE}\nCOPY d/f /f\nRUN echo building-now\n"
    tag = f"clouder/{name}:1"
    ident = engine.image_build(
        tag, text, {"d/f": b"content"}, labels, on_output=lines.append
    )
    found = engine.image_inspect(tag)
    assert found["Id"] == ident
    assert found["Config"]["Labels"] == labels
    assert "building-now" in lines
    assert engine.run_once(tag, ["cat", "/f"]).output == "content"
    engine.image_tag(tag, f"clouder/{name}:2")
    assert engine.image_inspect(f"clouder/{name}:2")["Id"] == ident
    with pytest.raises(errors.EngineRefused, match="does not belong"):
        engine.image_remove(tag, "other")
    assert engine.image_remove(tag, database) is True
    assert engine.image_remove(tag, database) is False


def test_an_image_of_a_container_stays(engine, make, name, database):
    """Also of one that is stopped: it could not be started again."""
    tag, labels = f"clouder/{name}:1", {LABEL_DATABASE: database}
    engine.image_build(tag, f"FROM {IMAGE}\nRUN echo 1 > /f\n", labels=labels)
    engine.container_ensure(make(image=tag), KEY)
    engine.container_stop(name)
    with pytest.raises(errors.EngineRefused, match="is using its referenced image"):
        engine.image_remove(tag, database)
    assert engine.image_inspect(tag)
    engine.container_remove(name, labels)
    assert engine.image_remove(tag, database) is True


def test_a_failing_build_shows_its_end(engine, name, database):
    text = f"FROM {IMAGE}\nRUN seq 5 && echo the real reason >&2 && exit 42\n"
    with pytest.raises(errors.ImageBuildFailed, match="42") as caught:
        engine.image_build(f"clouder/{name}:1", text, labels={LABEL_DATABASE: database})
    assert "the real reason" in caught.value.detail
    assert engine.image_inspect(f"clouder/{name}:1") is None


@pytest.mark.parametrize("text", ["NONSENSE", "FROM debian:no-such-tag-zz\n", ""])
def test_a_dockerfile_that_is_none(engine, name, text):
    with pytest.raises((errors.ImageBuildFailed, errors.EngineRefused)):
        engine.image_build(f"clouder/{name}:1", text)


def test_pulling_without_a_registry(engine):
    lines = []
    assert engine.image_pull("127.0.0.1:9/no/such:1", lines.append) is None
    assert "was not pulled" in lines[-1]
    assert "refused" in lines[-1]


def test_throw_away_containers(engine, name, database):
    labels = {LABEL_DATABASE: database}
    result = engine.run_once(
        IMAGE,
        ["sh", "-c", "cat; cat /etc/demo/f; echo $V; id -u; ls -A /sys/class/net"],
        stdin=b"in ",
        env={"V": "v"},
        files=[File("/etc/demo/f", b"file ")],
        user="33",
        labels=labels,
    )
    assert result.output.split() == ["in", "file", "v", "33", "lo"]
    with pytest.raises(errors.CommandFailed, match="status 4") as caught:
        engine.run_once(IMAGE, ["sh", "-c", "echo why; exit 4"], labels=labels)
    assert "why" in caught.value.detail
    with pytest.raises(errors.ConditionTimeout):
        engine.run_once(IMAGE, ["sleep", "60"], labels=labels, timeout_s=1)
    with pytest.raises(errors.CommandFailed, match="status 127"):
        engine.run_once(IMAGE, ["no-such-program"], labels=labels)
    with pytest.raises(errors.EngineRefused, match="no-such-user"):
        engine.run_once(IMAGE, ["true"], user="no-such-user", labels=labels)
    assert engine.container_list(labels) == []
    assert engine.volume_list(labels) == []


def test_throw_away_containers_in_a_network(engine, make, network, database):
    engine.container_ensure(make(network=network, aliases=["db"]), KEY)
    labels = {LABEL_DATABASE: database}
    found = engine.run_once(
        IMAGE, [*RESOLVE, "db"], network=network, labels=labels
    ).output
    assert "db" in found
    out = engine.run_once(
        IMAGE, ["ls", "/sys/class/net"], network="bridge", labels=labels
    )
    assert "eth0" in out.output
