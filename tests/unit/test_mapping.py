"""Foreign errors become ours, with secrets masked."""

import ssl

import pytest
import requests
import urllib3
from clouder_lib import errors
from clouder_lib.engine import Engine, Tls
from clouder_lib.engine.mapping import engine_errors
from clouder_lib.secrets import MASK, masking
from docker import errors as docker_errors


def api_error(status, text):
    response = requests.Response()
    response.status_code = status
    return docker_errors.APIError("x", response=response, explanation=text)


def mapped(error):
    with (
        pytest.raises(errors.EngineError) as caught,
        engine_errors("start web", "unix:///x"),
    ):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (api_error(404, "No such container: web"), errors.EngineMissing, "No such"),
        (api_error(400, "bad parameter"), errors.EngineRefused, "bad parameter"),
        (api_error(409, "name in use"), errors.EngineRefused, "name in use"),
        (api_error(500, "OCI runtime create failed"), errors.EngineRefused, "OCI"),
        (api_error(503, "node is down"), errors.EngineBusy, "node is down"),
        (api_error(429, "toomanyrequests"), errors.EngineBusy, "toomany"),
        (api_error(500, "context deadline exceeded"), errors.EngineBusy, "deadline"),
        (
            api_error(409, "removal of container x is already in progress"),
            errors.EngineBusy,
            "in progress",
        ),
        (requests.ConnectionError(ConnectionRefusedError()), errors.EngineUnreachable,
         "refused"),
        (requests.ConnectionError("x", FileNotFoundError()), errors.EngineUnreachable,
         "does not exist"),
        (requests.ConnectionError(PermissionError(13, "no")), errors.EngineUnreachable,
         "permission denied"),
        (requests.ReadTimeout("slow"), errors.EngineUnreachable, "in time"),
        (requests.ConnectTimeout("slow"), errors.EngineUnreachable, "in time"),
        (TimeoutError(), errors.EngineUnreachable, "in time"),
        (ConnectionResetError(), errors.EngineUnreachable, "broke"),
        (urllib3.exceptions.ProtocolError("cut", ConnectionResetError()),
         errors.EngineUnreachable, "broke"),
        (docker_errors.DockerException("Error while fetching"), errors.EngineUnreachable,
         "no answer"),
        (requests.exceptions.SSLError(ssl.SSLError("bad cert")), errors.EngineRefused,
         "certificates"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_kinds(error, kind, words):
    found = mapped(error)
    assert type(found) is kind
    assert words in str(found)
    assert "start web" in str(found)


def test_transience():
    assert mapped(ConnectionResetError()).transient
    assert mapped(api_error(503, "")).transient
    assert not mapped(api_error(500, "no")).transient
    assert not mapped(api_error(404, "no")).transient


@pytest.mark.parametrize(
    "text",
    [
        "driver failed programming external connectivity on endpoint web (ab12): "
        "Bind for 0.0.0.0:8080 failed: port is already allocated",
        "driver failed programming external connectivity on endpoint web (ab12): Error "
        "starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use",
        "failed to bind host port for 127.0.0.1:8080:172.17.0.2:80/tcp: address already in "
        "use",
    ],
)
def test_a_taken_port_is_named(text):
    found = mapped(api_error(500, text))
    assert type(found) is errors.PortTaken
    assert found.port == 8080
    assert "8080" in str(found)
    assert found.detail == text, "the engine's own words stand below the sentence"


def test_our_own_errors_and_those_of_others_pass():
    with pytest.raises(errors.JobCancelled), engine_errors("x", "y"):
        raise errors.JobCancelled("stop")
    with pytest.raises(KeyError), engine_errors("x", "y"):
        raise KeyError("z")


def test_secrets_are_masked_and_the_foreign_error_is_not_shown():
    with masking(["hunter2!"]):
        found = mapped(api_error(400, "no such user hunter2!"))
    assert MASK in str(found)
    assert "hunter2!" not in str(found)
    assert found.__suppress_context__


@pytest.mark.parametrize(
    "url",
    [
        *("", "http://x:1", "unix://", "unix://a", "tcp://x", "tcp://x:0"),
        *("tcp://x:99999", "tcp://a b:2376", "tcp://x:2376/../y", "unix:///a\x00"),
        "tcp://x:2376\n",
    ],
    ids=ascii,
)
def test_addresses_that_are_none(url):
    with pytest.raises(errors.EngineRefused, match="is not the address"):
        Engine(url, Tls("", "", ""))


def test_ssh_has_its_place():
    with pytest.raises(errors.EngineRefused, match="SSH are not supported yet"):
        Engine("ssh://root@host")


def test_an_open_engine_far_away_is_refused():
    with pytest.raises(errors.EngineRefused, match="open to everybody"):
        Engine("tcp://192.0.2.1:2375")
    assert Engine("tcp://127.0.0.1:2375")


def test_one_engine_for_each_address():
    one = Engine.get("unix:///x")
    assert Engine.get("unix:///x") is one
    assert Engine.get("unix:///y") is not one


def test_the_key_does_not_show():
    assert "KEY" not in repr(Tls("CA", "CERT", "KEY"))
