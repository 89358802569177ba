"""Programs of customers are told what happened, signed, and again when they were away."""

import base64
import hashlib
import hmac
import http.server
import json
import threading

import pytest
from clouder_lib.wait import wait_for

NETWORKS = "clouder.webhook_networks"


class Receiver:
    """A web server that checks signatures, and fails as often as a test wants."""

    def __init__(self):
        self.got, self.failures, self.secret = [], 0, ""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(outer.take(self.headers, body))
                self.end_headers()

            def log_message(self, *_args):
                """Stay silent."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def take(self, headers, body):
        words = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, words + body, hashlib.sha256).digest()
        good = headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
        self.got.append((headers["webhook-id"], good, json.loads(body)))
        self.failures -= 1
        return 500 if self.failures >= 0 else 204

    def await_events(self, *wanted):
        """Wait until all these events came."""

        def look():
            seen = [message["type"] for _id, _good, message in self.got]
            return not set(wanted) - set(seen), str(seen)

        wait_for(f"the events {wanted}", look, 120)


@pytest.fixture
def receiver(infra):
    made = Receiver()
    infra.api("ir.config_parameter", "set_param", NETWORKS, "127.0.0.1/32")
    yield made
    infra.api("ir.config_parameter", "set_param", NETWORKS, False)
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def webhook(infra, receiver):
    made = infra.api.create(
        "clouder.webhook",
        {"name": "E2E", "url": receiver.url, "environment_id": infra.environment},
    )
    receiver.secret = infra.api.read("clouder.webhook", made, "secret")
    yield made
    infra.api("clouder.webhook", "unlink", [made])


def test_the_life_of_a_base_is_told(infra, receiver, webhook):
    base = infra.running_base("told")
    infra.api("clouder.base", "suspend", [base], reason="trial")
    infra.api.settle("clouder.base", base)
    receiver.await_events("base.running", "base.suspended", "job.finished")
    assert all(good for _id, good, _message in receiver.got)
    suspended = next(
        message["data"]
        for _id, _good, message in receiver.got
        if message["type"] == "base.suspended"
    )
    assert (suspended["id"], suspended["reason"]) == (base, "trial")
    password = infra.api.read("clouder.base", base, "admin_password")
    assert password not in json.dumps(receiver.got)


def test_it_comes_again_with_the_same_identity(infra, receiver, webhook):
    receiver.failures = 1
    delivery = infra.api("clouder.webhook", "ping", [webhook])

    def sent():
        state = infra.api.read("clouder.webhook.delivery", delivery, "state")
        return state == "sent", state

    wait_for("the message to arrive", sent, 120)
    pings = [one for one in receiver.got if one[2]["type"] == "ping"]
    assert [good for _id, good, _message in pings] == [True, True]
    assert len({identity for identity, _good, _message in pings}) == 1
    assert infra.api.read("clouder.webhook.delivery", delivery, "attempts") == 2


def test_inner_addresses_are_not_called(infra, receiver, webhook):
    infra.api("ir.config_parameter", "set_param", NETWORKS, False)
    url = receiver.url.replace("http://127.0.0.1", "https://localhost")
    infra.api("clouder.webhook", "write", [webhook], {"url": url})
    delivery = infra.api("clouder.webhook", "ping", [webhook])

    def refused():
        error = infra.api.read("clouder.webhook.delivery", delivery, "error")
        return "inner network" in (error or ""), str(error)

    wait_for("the message to be refused", refused, 60)
    assert not [one for one in receiver.got if one[2]["type"] == "ping"]
