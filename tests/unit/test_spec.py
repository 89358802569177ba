"""What a spec can say, what it becomes for an engine, and its digest."""

import dataclasses
import hashlib

import pytest
from clouder_lib.errors import SpecRefused
from clouder_lib.spec import ContainerSpec, File, Health, Limits, Mount, Port

KEY = b"k" * 32


def make(**changes):
    given = {
        "name": "demo-odoo",
        "image": "clouder/odoo:19",
        "env": {"A": "1", "B": "2"},
        "labels": {"clouder.database": "uuid"},
        "network": "clouder-demo",
        **changes,
    }
    return ContainerSpec(**given)


def test_the_digest_is_stable():
    one = make(env={"A": "1", "B": "2"}, aliases=["db"])
    two = make(env={"B": "2", "A": "1"}, aliases=("db",))
    assert one.digest(KEY) == two.digest(KEY)
    files = [File("/etc/x/a", b"1"), File("/etc/x/b", b"2")]
    assert make(files=files).digest(KEY) == make(files=files[::-1]).digest(KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"env": {"A": "1"}},
        {"command": ["x"]},
        {"entrypoint": ["x"]},
        {"image": "clouder/odoo:20"},
        {"image_id": "sha256:" + "0" * 64},
        {"mounts": [Mount("data", "/data")]},
        {"ports": [Port(80)]},
        {"aliases": ["db"]},
        {"health": Health(["true"])},
        {"limits": Limits(memory_mb=64)},
        {"user": "odoo"},
        {"read_only": False},
        {"tmpfs": {"/var/tmp": ""}},
        {"cap_add": ["CHOWN"]},
        {"files": [File("/etc/x/a", b"1")]},
        {"files": [File("/etc/x/a", b"2")]},
        {"files": [File("/etc/x/a", b"1", mode=0o600)]},
        {"files": [File("/etc/x/a", b"1", uid=5)]},
        {"hostname": "h"},
        {"stop_signal": "SIGINT"},
        {"stop_timeout": 3},
        {"init": False},
        {"labels": {"clouder.database": "other"}},
        {"network": "clouder-other"},
        {"workdir": "/srv"},
    ],
    ids=str,
)
def test_the_digest_is_sensitive(change):
    digests = {make().digest(KEY), make(**change).digest(KEY)}
    assert len(digests) == 2


def test_the_image_id_decides_and_not_the_tag():
    ident = "sha256:" + "a" * 64
    one = make(image="clouder/odoo:1", image_id=ident)
    two = make(image="clouder/odoo:2", image_id=ident)
    assert one.digest(KEY) == two.digest(KEY)


def test_a_secret_cannot_be_guessed_from_the_digest():
    spec = make(files=[File("/etc/x/pw", b"hunter2", secret=True)])
    assert spec.digest(KEY) != spec.digest(b"z" * 32)
    assert hashlib.sha256(b"hunter2").hexdigest() not in spec.digest(KEY)
    assert "hunter2" not in repr(spec)
    assert "hunter2" not in repr(spec.files[0])


def test_the_engine_form_is_hardened():
    host = make().to_engine()["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] == []
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["ReadonlyRootfs"] is True
    assert host["RestartPolicy"] == {"Name": "unless-stopped"}
    assert host["PidsLimit"] == 512
    assert set(host["Tmpfs"]) == {"/tmp", "/run"}
    assert "Privileged" not in host
    assert "Binds" not in host


def test_the_engine_form_says_everything():
    form = make(
        command=["run", "$(id)"],
        mounts=[Mount("data", "/data", readonly=True)],
        ports=[Port(80, host_port=8080), Port(53, "udp", "0.0.0.0")],
        aliases=["db"],
        health=Health(["true"], 1.5, 2, 4),
        limits=Limits(64, 0.5, 99),
        user="odoo:odoo",
    ).to_engine()
    host = form["HostConfig"]
    assert form["Cmd"] == ["run", "$(id)"]
    assert form["Env"] == ["A=1", "B=2"]
    assert form["Healthcheck"]["Interval"] == 1_500_000_000
    assert host["Mounts"] == [
        {"Type": "volume", "Target": "/data", "Source": "data", "ReadOnly": True}
    ]
    assert host["PortBindings"] == {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
        "53/udp": [{"HostIp": "0.0.0.0", "HostPort": ""}],
    }
    assert (host["Memory"], host["MemorySwap"]) == (64 * 2**20, 64 * 2**20)
    assert host["NanoCpus"] == 500_000_000
    ends = form["NetworkingConfig"]["EndpointsConfig"]
    assert ends == {"clouder-demo": {"Aliases": ["demo-odoo", "db"]}}


def test_without_a_network_there_is_none():
    assert make(network="").to_engine()["HostConfig"]["NetworkMode"] == "none"
    with pytest.raises(SpecRefused, match="no network"):
        make(network="", ports=[Port(80)])


def test_loose_files_get_a_private_volume_beside_the_given_mounts():
    spec = make(
        mounts=[Mount("data", "/var/lib/odoo")],
        files=[
            File("/etc/odoo/odoo.conf", b""),
            File("/etc/odoo/d/x", b""),
            File("/var/lib/odoo/x", b""),
        ],
    )
    assert spec.all_mounts() == (Mount("data", "/var/lib/odoo"), Mount("", "/etc/odoo"))
    private = spec.to_engine()["HostConfig"]["Mounts"][1]
    assert "Source" not in private
    assert private["VolumeOptions"]["Labels"] == {
        "clouder.database": "uuid",
        "clouder.private": "demo-odoo",
    }
    assert dataclasses.replace(spec, read_only=False).all_mounts() == spec.mounts


@pytest.mark.parametrize("path", ["/a", "/etc/passwd"])
def test_loose_files_of_the_root_itself_are_refused(path):
    with pytest.raises(SpecRefused, match="cannot have loose files"):
        make(files=[File(path, b"")])


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a\n"},
        {"name": "-a"},
        {"name": ""},
        {"image": "a b"},
        {"image": "a\nRUN x"},
        {"image_id": "x y"},
        {"env": {"A=B": "1"}},
        {"env": {"A\n": "1"}},
        {"env": {"A": "\x00"}},
        {"env": {"A": 1}},
        {"command": "rm -rf /"},
        {"command": ["a\x00"]},
        {"aliases": ["a_b"]},
        {"aliases": ["a\n"]},
        {"network": "a b"},
        {"network": "container:x/y"},
        {"user": "a b"},
        {"user": "root\n"},
        {"cap_add": ["all\n"]},
        {"stop_signal": "9"},
        {"tmpfs": {"/x": "bind,/etc:/x\n"}},
        {"tmpfs": {"../x": ""}},
        {"mounts": [Mount("a", "/x"), Mount("b", "/x")]},
        {"files": [File("/tmp/x", b"")]},
        {"stop_timeout": -1},
    ],
    ids=str,
)
def test_what_cannot_be_said(change):
    with pytest.raises(SpecRefused):
        make(**change)


@pytest.mark.parametrize(
    "make_part",
    [
        lambda: Mount("/etc", "/x"),
        lambda: Mount("a:/etc", "/x"),
        lambda: Mount("..", "/x"),
        lambda: Mount("a", "x"),
        lambda: Mount("a", "/x/../y"),
        lambda: Mount("a", "/x:ro"),
        lambda: Mount("a", "/"),
        lambda: Port(0),
        lambda: Port(65536),
        lambda: Port(80, "icmp"),
        lambda: Port(80, host_ip="x"),
        lambda: Port("80"),
        lambda: File("etc/x", b""),
        lambda: File("/etc/../x", b""),
        lambda: File("/etc/x\n", b""),
        lambda: File("/etc/x", "text"),
        lambda: File("/etc/x", b"", mode=0o10000),
        lambda: Health("true"),
        lambda: Limits(pids=0),
        lambda: Limits(memory_mb=-1),
    ],
)
def test_parts_that_cannot_be_said(make_part):
    with pytest.raises(SpecRefused):
        make_part()


def test_a_spec_does_not_change_behind_its_back():
    env = {"A": "1"}
    spec = make(env=env)
    env["A"] = "2"
    assert spec.env == {"A": "1"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.name = "x"
