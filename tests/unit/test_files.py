"""Tar archives for containers and builds."""

import io
import tarfile

import pytest
from clouder_lib.engine.files import context_of, parcels, tar_of
from clouder_lib.errors import SpecRefused
from clouder_lib.spec import File


def members(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {
            m.name: (
                m.mode,
                m.uid,
                m.gid,
                m.size,
                m.type,
                archive.extractfile(m).read(),
            )
            for m in archive
        }


def test_owner_mode_and_content_travel():
    data = tar_of([File("/etc/x/a", b"hello", 0o600, 101, 102)], "/etc/x")
    assert members(data) == {"a": (0o600, 101, 102, 5, tarfile.REGTYPE, b"hello")}


def test_long_and_odd_names_travel():
    path = "/srv/" + "d" * 200 + "/" + "f" * 200
    assert list(members(tar_of([File(path, b"")], "/srv"))) == [path[5:]]


def test_a_file_outside_of_the_root_is_refused():
    with pytest.raises(SpecRefused, match="does not lie in"):
        tar_of([File("/etc/passwd", b"")], "/srv/x")


def test_files_go_to_the_deepest_mount():
    files = [File(p, b"") for p in ("/data/a", "/data/in/b", "/etc/c/d", "/database/e")]
    found = parcels(files, [{"Destination": "/data"}, {"Destination": "/data/in"}])
    assert {place: [f.path for f in group] for place, group in found.items()} == {
        "/data": ["/data/a"],
        "/data/in": ["/data/in/b"],
        "/": ["/etc/c/d", "/database/e"],
    }


def test_a_build_context_holds_the_dockerfile_and_its_files():
    found = members(context_of("FROM a\n", {"x/y.conf": b"z"}))
    assert found["Dockerfile"][-1] == b"FROM a\n"
    assert found["x/y.conf"][-1] == b"z"


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a\n"])
def test_a_build_context_cannot_be_left(path):
    with pytest.raises(SpecRefused):
        context_of("FROM a\n", {path: b""})
