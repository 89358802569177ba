"""Files in containers: before the start, on a read-only root, back again."""

import pytest
from clouder_lib.errors import EngineMissing, EngineRefused, SpecRefused
from clouder_lib.labels import LABEL_DATABASE, LABEL_PRIVATE
from clouder_lib.spec import File, Mount
from clouder_lib.wait import wait_for
from conftest import KEY


def test_files_are_there_before_the_first_breath(engine, make, name):
    files = [
        File("/etc/demo/app.conf", b"x = 1\n", 0o644, 33, 34),
        File("/etc/demo/sub/deep/secret", b"pw", 0o400, 33, 33, secret=True),
    ]
    command = ["sh", "-c", "cat /etc/demo/app.conf; exec sleep infinity"]
    engine.container_ensure(make(files=files, command=command), KEY)
    engine.wait_ready(name)

    def look():
        log = engine.container_log(name)
        return "x = 1" in log, log

    wait_for("what it read", look, 30)
    found = engine.exec(name, ["stat", "-c", "%a %u %g", *[f.path for f in files]])
    assert found.output == "644 33 34\n400 33 33\n"
    folder = engine.exec(name, ["stat", "-c", "%a %u", "/etc/demo/sub/deep"]).output
    assert folder == "755 0\n"
    written = engine.exec(name, ["touch", "/etc/x"], check=False)
    assert "Read-only file system" in written.error


def test_secret_files_are_not_shown_by_inspection(engine, make, name):
    secret = File("/etc/demo/pw", b"canary-7431", 0o400, secret=True)
    engine.container_ensure(make(files=[secret]), KEY)
    assert "canary-7431" not in str(engine.container_inspect(name))


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize("started", [False, True])
def test_files_in_named_volumes(engine, make, name, database, readonly, started):
    volume = f"{name}.conf"
    engine.volume_ensure(volume, {LABEL_DATABASE: database})
    spec = make(mounts=[Mount(volume, "/conf", readonly=readonly)])
    engine.container_ensure(spec, KEY)
    if not started:
        engine.container_stop(name)
    engine.files_put(name, [File("/conf/a", b"1"), File("/conf/d/b", b"2")])
    engine.container_start(name)
    assert engine.exec(name, ["cat", "/conf/a", "/conf/d/b"]).output == "12"
    assert len(engine.container_list({LABEL_DATABASE: database})) == 1


def test_a_read_only_root_takes_no_loose_files(engine, running):
    with pytest.raises(EngineRefused, match="read-only"):
        engine.files_put(running, [File("/etc/x", b"")])
    with pytest.raises(SpecRefused):
        File("/etc/../x", b"")


def test_a_writable_root_takes_files_anywhere(engine, make, name):
    engine.container_ensure(make(read_only=False, files=[File("/x", b"1")]), KEY)
    assert engine.file_get(name, "/x") == b"1"


def test_a_private_folder_keeps_what_the_image_has_there(engine, make, name):
    engine.container_ensure(make(files=[File("/etc/apt/x", b"1")]), KEY)
    listed = engine.exec(name, ["ls", "/etc/apt"]).output.split()
    assert {"apt.conf.d", "x"} <= set(listed)


def test_private_volumes_go_with_their_container(engine, make, name, database):
    engine.container_ensure(make(files=[File("/etc/demo/a", b"1")]), KEY)
    labels = {LABEL_DATABASE: database, LABEL_PRIVATE: name}
    assert len(engine.volume_list(labels)) == 1
    engine.container_remove(name, {LABEL_DATABASE: database})
    assert engine.volume_list({LABEL_DATABASE: database}) == []


def test_a_file_comes_back(engine, running):
    content = bytes(range(256)) * 100
    engine.exec(running, ["sh", "-c", "cat > /tmp/x; ln -s x /tmp/l"], stdin=content)
    # What lies in memory is not seen by the engine, so it says that nothing is there.
    with pytest.raises(EngineMissing):
        engine.file_get(running, "/tmp/x")
    assert b"root:" in engine.file_get(running, "/etc/passwd")


@pytest.mark.parametrize("path", ["/etc", "/etc/mtab"])
def test_only_plain_files_come_back(engine, running, path):
    with pytest.raises(EngineRefused, match="not a plain file"):
        engine.file_get(running, path)


def test_missing_files_and_containers(engine, running):
    with pytest.raises(EngineMissing):
        engine.file_get(running, "/no/such")
    with pytest.raises(EngineMissing):
        engine.files_put("no-such-container", [File("/a/b/c", b"")])
