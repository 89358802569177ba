"""Addresses that Clouder is told to call: none of them leads to what is behind it."""

import http.server
import json
import socket
import threading
import xmlrpc.client

import pytest
from clouder_lib.wait import wait_for

from .visitors import setting

# Spellings of this machine, and of what only this machine reaches.
HOSTS = (
    "127.0.0.1", "127.1", "127.0.0.1.", "2130706433", "0x7f000001", "0177.0.0.1",
    "0.0.0.0", "0", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1]",
    "169.254.169.254", "10.0.0.1", "192.168.0.1", "100.64.0.1", "[fd00::1]",
    socket.gethostname(),
)  # fmt: skip
FORMS = (
    "http://127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x",
    "ftp://127.0.0.1/", "https://shop.example@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}#shop.example", "https://127.0.0.1:{port}\\@shop.example/",
    "//127.0.0.1:{port}/", "https://\u2460\u2461\u2466.0.0.1:{port}/", "https:///",
    "https://127.0.0.1:{port}/\r\nX-Injected: 1",
)  # fmt: skip
OWN_DOMAINS = (
    "127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "a..b", "*.a.test",
    "a.test;id", "a b.test", "-a.test", "2130706433",
)  # fmt: skip
REFUSALS = ("inner network", "has no address", "is only sent to over https")


class Knocked(http.server.BaseHTTPRequestHandler):
    """Notes each connection; a message to /moved is sent on to another address."""

    def setup(self):
        self.server.knocks.append(self.client_address)
        super().setup()

    def do_POST(self):
        self.send_response(302 if self.path == "/moved" else 204)
        if self.path == "/moved":
            self.send_header("Location", self.server.elsewhere)
        self.end_headers()

    def log_message(self, *_args):
        """Stay silent."""


def served():
    """Return a web server on this machine that runs; it holds who knocked."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Knocked)
    server.knocks, server.elsewhere = [], ""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def inner():
    """A web server that only this machine reaches."""
    server = served()
    yield server
    server.shutdown()
    server.server_close()


def made(world, caller, url):
    """Return the webhook to ``url`` that a caller makes, None if he is refused."""
    values = {
        "name": "Inside", "url": url, "on_job": False, "on_running": False,
        "on_failed": False, "on_suspended": False,
        "environment_id": world.own["clouder.environment"],
    }  # fmt: skip
    try:
        return caller.create("clouder.webhook", values)
    except xmlrpc.client.Fault as fault:
        assert "Traceback" not in fault.faultString, url
        return None


def outcomes(world, caller, urls):
    """Send a message to each URL; return URL to what its first try came to."""
    hooks = {url: made(world, caller, url) for url in urls}
    sent = {
        url: caller("clouder.webhook", "ping", [hook])
        for url, hook in hooks.items()
        if hook
    }
    found = {}

    def look():
        for url, delivery in sent.items():
            values = caller.read(
                "clouder.webhook.delivery",
                delivery,
                "attempts",
                "state",
                "error",
                "status",
            )
            if values["attempts"]:
                found[url] = values
        return len(found) == len(sent), f"{len(found)} of {len(sent)} were tried"

    wait_for("the first try of all messages", look, 300)
    caller("clouder.webhook", "unlink", [hook for hook in hooks.values() if hook])
    return found


def test_no_spelling_of_an_inner_address_is_called(world, inner):
    port = inner.server_port
    urls = [f"https://{host}:{port}/" for host in HOSTS]
    urls += [form.format(port=port) for form in FORMS]
    found = outcomes(world, world.own.callers["deployer"], urls)
    for url, values in found.items():
        assert values["state"] == "pending", url
        assert any(words in values["error"] for words in REFUSALS), (url, values)
    # Names are looked up when the message is sent: else nothing was tried at all.
    assert f"https://localhost:{port}/" in found
    assert inner.knocks == []


def test_what_is_open_inside_is_not_told(world, inner):
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    urls = [f"https://localhost:{port}/" for port in (inner.server_port, closed)]
    found = outcomes(world, world.own.callers["deployer"], urls)
    opened, shut = (found[url] for url in urls)
    assert opened["error"] == shut["error"]


def test_a_webhook_is_not_led_elsewhere(world, inner):
    other = served()
    inner.elsewhere = f"http://127.0.0.1:{other.server_port}/"
    url = f"http://127.0.0.1:{inner.server_port}/moved"
    with setting(world.api, webhook_networks="127.0.0.1/32"):
        found = outcomes(world, world.own.callers["deployer"], [url])
    other.shutdown()
    other.server_close()
    assert (found[url]["status"], found[url]["state"]) == (302, "pending")
    assert inner.knocks
    assert other.knocks == []


def test_only_an_administrator_opens_the_inner_network(world):
    for who in ("user", "deployer", "manager"):
        caller = world.own.callers[who]
        with pytest.raises(xmlrpc.client.Fault):
            caller(
                "ir.config_parameter",
                "set_param",
                "clouder.webhook_networks",
                "0.0.0.0/0",
            )
        with pytest.raises(xmlrpc.client.Fault):
            caller("res.config.settings", "create", [{}])


def test_only_an_administrator_says_where_engines_are(world):
    """An engine's address is called by Clouder itself."""
    for caller in world.callers().values():
        with pytest.raises(xmlrpc.client.Fault):
            caller(
                "clouder.node",
                "create",
                [{"name": "x", "engine_url": "tcp://10.0.0.1:1"}],
            )
        for node in (world.own["clouder.node"], world.foreign["clouder.node"]):
            with pytest.raises(xmlrpc.client.Fault):
                caller(
                    "clouder.node", "write", [node], {"engine_url": "tcp://10.0.0.1:1"}
                )


def test_nobody_reads_or_sends_a_foreign_webhook(world):
    foreign = world.foreign.callers["deployer"]
    values = {
        "name": world.foreign.name, "url": "https://shop.example/", "on_job": False,
        "environment_id": world.foreign["clouder.environment"],
    }  # fmt: skip
    hook = foreign.create("clouder.webhook", values)
    secret = foreign.read("clouder.webhook", hook, "secret")
    assert secret
    for who, caller in world.callers().items():
        for method, args in (
            ("read", [["name", "url", "secret"]]),
            ("write", [{"url": "https://evil.example/"}]),
            ("ping", []),
            ("unlink", []),
        ):
            with pytest.raises(xmlrpc.client.Fault) as caught:
                caller("clouder.webhook", method, [hook], *args)
            assert secret not in caught.value.faultString, (who, method)
        try:
            found = caller("clouder.webhook", "search_read", [("id", "=", hook)])
        except xmlrpc.client.Fault:
            continue
        assert not found, (who, json.dumps(found))
    foreign("clouder.webhook", "unlink", [hook])


@pytest.mark.parametrize("name", OWN_DOMAINS)
def test_a_customers_own_domain_is_a_name_of_the_world(world, shop, sql, name):
    """Its records are looked up, and a certificate is asked for it."""
    base = world.own["clouder.base"]
    sql(
        "UPDATE clouder_base SET state = 'running', wanted = 'running' WHERE id = %s",
        base,
    )
    answer = shop.visitor(world.client).submit(
        f"/my/instances/{base}/domain", domain=name
    )
    assert answer.status_code == 422
    assert not world.api.find("clouder.base.alias", ("base_id", "=", base))
