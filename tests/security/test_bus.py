"""What the server tells browsers by itself: of a job, to those who may read the job."""

import contextlib
import json
import time
import urllib.parse
import xmlrpc.client

import pytest
import websocket

PATIENCE_S, SILENCE_S = 60, 2


def channels(job):
    """Return the channel of a job in all spellings that somebody might try."""
    return [
        f"clouder.job_{job}", f"clouder.job_0{job}", f"clouder.job,{job}",
        f" clouder.job_{job}", f"clouder.job({job},)", "clouder.job",
        "clouder.job_" + "".join(chr(0x660 + int(digit)) for digit in str(job)),
    ]  # fmt: skip


@contextlib.contextmanager
def listening(visitor, *names):
    """Give a websocket of a visitor that asked for these channels."""
    visitor.at("/instances")
    place = urllib.parse.urlsplit(visitor.url)
    cookie = visitor.cookies.get("session_id")
    line = websocket.create_connection(
        f"ws://{place.netloc}/websocket",
        origin=visitor.url,
        cookie=f"session_id={cookie}" if cookie else None,
        timeout=PATIENCE_S,
    )
    asked = {"channels": list(names), "last": 0}
    line.send(json.dumps({"event_name": "subscribe", "data": asked}))
    try:
        yield line
    finally:
        line.close()


def told(line, seconds):
    """Return what kinds of messages come about jobs, within some time at most."""
    end, found = time.monotonic() + seconds, []
    with contextlib.suppress(websocket.WebSocketTimeoutException):
        while (left := end - time.monotonic()) > 0:
            line.settimeout(left)
            found += json.loads(line.recv())
            if "clouder.job" in str(found):
                break
    return [one["message"] for one in found if "clouder.job" in str(one)]


@pytest.fixture
def job(world):
    """A foreign job that goes on when it is cancelled."""
    caller = world.foreign.callers["deployer"]
    return caller("clouder.service", "deploy", [world.foreign["clouder.service"]])


def test_a_foreign_job_is_not_heard(shop, world, job):
    owner = world.foreign.callers["deployer"]
    callers = {**world.own.callers, **world.outsiders, "client": world.client}
    visitors = {who: shop.visitor(caller) for who, caller in callers.items()}
    visitors["public"] = shop.visitor()
    with contextlib.ExitStack() as stack:
        lines = {
            who: stack.enter_context(listening(visitor, *channels(job)))
            for who, visitor in visitors.items()
        }
        own = stack.enter_context(listening(shop.visitor(owner), *channels(job)))
        with contextlib.suppress(xmlrpc.client.Fault):
            owner("clouder.job", "cancel", [job])
        heard = told(own, PATIENCE_S)
        assert [one for one in heard if one["payload"]["id"] == job]
        for who, line in lines.items():
            assert not told(line, SILENCE_S), who


def test_the_other_way_of_asking(shop, world, job):
    """Browsers without a websocket ask for what was said since."""
    owner = world.foreign.callers["deployer"]
    with contextlib.suppress(xmlrpc.client.Fault):
        owner("clouder.job", "cancel", [job])
    owner("clouder.job", "wait", [job], timeout=60)
    asked = {"channels": channels(job), "last": 0, "is_first_poll": True}
    path = "/websocket/peek_notifications"
    heard = shop.visitor(owner).ask(path, **asked)
    assert "clouder.job/changed" in json.dumps(heard)
    for caller in (
        *world.own.callers.values(),
        *world.outsiders.values(),
        world.client,
    ):
        answer = shop.visitor(caller).ask(path, **asked)
        assert "clouder.job/changed" not in json.dumps(answer), caller.login
    assert "clouder.job/changed" not in json.dumps(shop.visitor().ask(path, **asked))
