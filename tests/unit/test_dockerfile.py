"""Dockerfiles from parts that cannot add instructions by accident."""

import pytest
from clouder_lib.dockerfile import check_path, check_reference, compose, quote
from clouder_lib.errors import SpecRefused


def test_a_whole_dockerfile():
    text = compose(
        "debian:bookworm-slim",
        "RUN true\r\nUSER odoo\n",
        labels={"b": "2", "a": 'say "$HOME" \\'},
        ports=[(8069, "tcp"), (53, "udp")],
        volumes=["/var/lib/odoo", "/srv"],
    )
    assert text == (
        "FROM debian:bookworm-slim\n"
        "RUN true\nUSER odoo\n"
        'LABEL a="say \\"\\$HOME\\" \\\\"\n'
        'LABEL b="2"\n'
        "EXPOSE 8069/tcp\nEXPOSE 53/udp\n"
        'VOLUME ["/var/lib/odoo", "/srv"]\n'
    )
    assert compose("a", "") == "FROM a\n"


@pytest.mark.parametrize(
    "ref",
    [
        "debian",
        "debian:bookworm-slim",
        "library/debian:1.2_3-x",
        "registry.example.com:5000/team/app:1",
        "127.0.0.1:5000/a",
        "a@sha256:" + "0" * 64,
        "sha256:" + "0" * 64,
    ],
)
def test_references(ref):
    assert check_reference(ref) == ref


@pytest.mark.parametrize(
    "ref",
    [
        *("", "a\nRUN id", "a\n", "a b", "A", "-a", "$X", "a:b:c", "../a", "a\x00"),
        *("a" * 10_000, "\u0430bc", "a AS b", "a@sha256:x", None),
    ],
    ids=ascii,
)
def test_no_reference(ref):
    with pytest.raises(SpecRefused):
        compose(ref, "")


@pytest.mark.parametrize("value", ["a\nRUN id", "a\r", "\x00", "a\x1bb"])
def test_label_values_hold_no_control_characters(value):
    with pytest.raises(SpecRefused):
        compose("a", "", labels={"k": value})


@pytest.mark.parametrize("key", ["", "a b", "a\nRUN id", "a=b", '"', "a\n"])
def test_label_keys(key):
    with pytest.raises(SpecRefused):
        compose("a", "", labels={key: "v"})


@pytest.mark.parametrize(
    "path", ["a", "/a\nRUN id", "/a/../b", "/", "/a$x", '/a"]', ""]
)
def test_volume_paths(path):
    with pytest.raises(SpecRefused):
        compose("a", "", volumes=[path])
    with pytest.raises(SpecRefused):
        check_path(path)


@pytest.mark.parametrize("port", [(0, "tcp"), (70000, "tcp"), (80, "tcp\nRUN id")])
def test_ports(port):
    with pytest.raises(SpecRefused):
        compose("a", "", ports=[port])


@pytest.mark.parametrize("body", ["RUN a \\", "RUN a \\\n# note\n", "RUN \x00"])
def test_a_body_cannot_swallow_what_follows(body):
    with pytest.raises(SpecRefused):
        compose("a", body)


def test_quoting_expands_nothing():
    assert quote('$A `b` "c"') == '"\\$A `b` \\"c\\""'
