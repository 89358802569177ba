"""./dev bench says with its exit status when a base lacks something."""

import http.server
import importlib
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

REPO = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch):
    """Return a function that gives a module of the benchmarks."""
    monkeypatch.syspath_prepend(str(REPO))
    return lambda name: importlib.import_module(f"bench.{name}")


def test_what_is_unmet_ends_it_with_an_error(bench, monkeypatch, capsys):
    run, there = bench("run"), SimpleNamespace(unmet=[])

    def part(world, _times):
        world.unmet.append("a.example: not served by the proxy")
        return ["the figures"]

    monkeypatch.setattr(run.world, "open_world", lambda: there)
    monkeypatch.setattr(run, "PARTS", {"many": part})
    monkeypatch.setattr(sys, "argv", ["run.py", "many"])
    with pytest.raises(SystemExit) as ended:
        run.main()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert "the figures" in said.out
    assert "a.example: not served" in said.err


@pytest.mark.parametrize("missing", ["_served", "_named", "_sends", "_receives"])
def test_each_thing_that_a_base_lacks_is_found(bench, monkeypatch, missing):
    many = bench("many")
    rows = [{"fulldomain": "a.example", "state": "running", "error": False}]
    monkeypatch.setattr(many, "_read", lambda world, bases: rows)
    monkeypatch.setattr(many, "_facts", lambda world, bases: {})
    for check in ("_served", "_named", "_sends", "_receives"):
        monkeypatch.setattr(many, check, lambda *_given, found=check: found != missing)
    lacking = many._lacking(None, [1])
    assert [what for what, hosts in lacking.items() if hosts]
    assert not [hosts for hosts in lacking.values() if hosts not in ([], ["a.example"])]
    rows[0]["state"] = "failed"
    assert many._lacking(None, [1])["failed"] == ["a.example"]


def test_what_changes_the_bases_comes_last(bench):
    assert list(bench("run").PARTS)[-1] == "many"


def test_strangers_have_addresses_and_sessions_of_their_own(bench):
    seen = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.client_address[0], self.headers["Cookie"]))
            self.send_response(404 if self.path == "/gone" else 200)
            self.send_header("Set-Cookie", f"session_id={len(seen)}; Path=/")
            self.end_headers()
            self.wfile.write(b'<input name="csrf_token" value="secret"/>')

        def log_message(self, *_words):
            pass

    stranger, api = bench("stranger"), bench("api")
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        one, other = stranger.Stranger(url), stranger.Stranger(url)
        tokens = [who.token("/form") for who in (one, one, other)]
        with pytest.raises(api.Failed, match="GET /gone: 404"):
            other.open("/gone")
        server.shutdown()
        thread.join()
    assert tokens == ["secret"] * 3
    addresses, cookies = zip(*seen, strict=True)
    assert len(set(addresses)) == 2
    assert all(address.startswith("127.64.") for address in addresses)
    assert cookies == (None, "session_id=1", None, "session_id=3")
