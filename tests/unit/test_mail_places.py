"""The gate of the mail image: a base that hangs takes only its own places."""

import asyncio
import contextlib
import http.server
import json
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mail_lib import GATE

sys.path.insert(0, str(GATE))

from mailgate.directory import Base, Directory
from mailgate.gateway import Gateway, Unavailable
from mailgate.places import EACH_BASE, PATIENCE, Places
from mailgate.recipients import Recipients


@contextlib.contextmanager
def odoo():
    """Run an Odoo that accepts what is for ``a.example.com``, and then hangs."""
    freed, asked = threading.Event(), []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Host"] == "a.example.com":
                asked.append(self.path)
                freed.wait()
            answers = {
                "context_get": {"uid": 7},
                "read": [{"id": 7, "action_id": [3, "Gateway"]}],
                "run": {"known": b"known" in text, "delivered": True},
            }
            content = json.dumps(answers[self.path.rpartition("/")[2]]).encode()
            with contextlib.suppress(OSError):
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *args):
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield server.server_port, asked
    finally:
        freed.set()
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.fixture
def hanging(tmp_path):
    """The directory of a base that hangs and one that does not, in one container."""
    with odoo() as (port, asked):
        found = tmp_path / "hanging.json"
        row = {"host": "127.0.0.1", "port": port, "key": "k", "limit": 10}
        found.write_text(json.dumps({"a.example.com": row, "b.example.com": row}))
        yield found, asked


def test_a_base_that_hangs_takes_only_its_own_places(hanging):
    """Twenty messages to it are answered, and another base is asked meanwhile."""
    found, asked = hanging
    recipients = Recipients(Directory(found), Gateway(), places=Places(5))

    async def work():
        begun = time.monotonic()
        crowd = [
            asyncio.create_task(recipients.verdict(f"known{number}@a.example.com"))
            for number in range(20)
        ]
        await asyncio.sleep(0)
        for number in range(10):
            assert await recipients.verdict(f"known{number}@b.example.com") == ""
        assert time.monotonic() - begun < PATIENCE
        early, _late = await asyncio.wait(crowd, timeout=PATIENCE + 1)
        assert len(early) == 20 - EACH_BASE
        again = time.monotonic()
        late = await recipients.verdict("known@a.example.com")
        assert time.monotonic() - again < 1, "where nothing moves nobody waits"
        return [late, *await asyncio.gather(*crowd)]

    answers = asyncio.run(work())
    assert all(answer.startswith("451 4.3.2 ") for answer in answers), answers
    assert len(asked) == EACH_BASE


def test_a_busy_base_that_answers_refuses_nobody(hanging):
    found, _asked = hanging
    recipients = Recipients(Directory(found), Gateway(), places=Places(5))

    async def work():
        return await asyncio.gather(
            *(
                recipients.verdict(f"known{number}@b.example.com")
                for number in range(30)
            )
        )

    assert asyncio.run(work()) == [""] * 30


def test_a_call_that_is_given_up_keeps_its_place_until_it_ends(monkeypatch):
    monkeypatch.setattr("mailgate.places.PATIENCE", 0.05)
    base, freed = Base("a.example.com", "web", 8069, "k", 10), threading.Event()
    places = Places(0.05)

    async def work():
        for _number in range(EACH_BASE):
            with pytest.raises(Unavailable, match="does not answer"):
                await places.run(lambda _base: freed.wait(), base)
        with pytest.raises(Unavailable, match="busy"):
            await places.run(lambda _base: 1, base)
        freed.set()
        async with asyncio.timeout(5):
            while places._calls:
                await asyncio.sleep(0.01)
        assert await places.run(lambda _base: 1, base) == 1

    asyncio.run(work())


def test_the_places_in_all_and_of_a_container_are_limited(monkeypatch):
    monkeypatch.setattr("mailgate.places.EACH_CONTAINER", 4)
    monkeypatch.setattr("mailgate.places.IN_ALL", 6)
    monkeypatch.setattr("mailgate.places.PATIENCE", 0.05)
    freed, places = threading.Event(), Places(30)

    def call(number, host):
        base = Base(f"b{number}.example.com", host, 8069, "k", 10)
        return asyncio.create_task(places.run(lambda _base: freed.wait(5), base))

    async def work():
        tasks = [call(number, "one") for number in range(6)]
        tasks += [call(number, "two") for number in range(6, 10)]
        told = asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.3)
        freed.set()
        return [isinstance(one, Unavailable) for one in await told]

    assert asyncio.run(work()) == [False] * 4 + [True] * 2 + [False] * 2 + [True] * 2
