"""Messages to receivers: signed, and never to where only our own machine can reach."""

import base64
import hashlib
import hmac
import http.server
import ipaddress
import socket
import ssl
import threading

import pytest
from clouder_lib import webhook
from clouder_lib.webhook import WebhookFailed, WebhookRefused
from test_http import self_signed, serving

LOCAL = webhook.parse_networks("127.0.0.0/8")
SENT = {"content-type": "application/json"}


class Receiver(http.server.BaseHTTPRequestHandler):
    """Notes what it is sent."""

    got: list = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, dict(self.headers), body))
        status = 302 if self.path == "/moved" else 204
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/")
        self.end_headers()

    def log_message(self, *_args):
        """Stay silent."""


@pytest.fixture
def receiver():
    Receiver.got = []
    with serving(handler=Receiver) as port:
        yield port


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_inner_addresses_are_refused(address):
    with pytest.raises(WebhookRefused, match="inner network"):
        webhook.check_address(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"]
)
def test_public_addresses_are_taken(address):
    assert webhook.check_address(address) == str(ipaddress.ip_address(address))


def test_an_allowed_network_is_taken_in_any_form():
    assert webhook.check_address("127.0.0.1", LOCAL) == "127.0.0.1"
    assert webhook.check_address("::ffff:127.0.0.1", LOCAL)
    with pytest.raises(WebhookRefused):
        webhook.check_address("10.0.0.1", LOCAL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://",
        "https:///x",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://example.com/#x",
        "https://example.com:99999/",
        "https://example.com:0/",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://[::1/",
        "//example.com/",
        "http://example.com/",
    ],
)
def test_odd_addresses_are_refused(url):
    with pytest.raises(WebhookRefused):
        webhook.parse_url(url)


def test_parts_of_an_address():
    target = webhook.parse_url("https://Example.com:8443/a/b?c=d")
    assert target == webhook.Target(True, "example.com", 8443, "/a/b?c=d")
    assert webhook.parse_url("http://x.test", plain=True).port == 80


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "127.1"]
)
def test_own_machine_is_not_called(receiver, host):
    """Whatever the form in which the address is written."""
    with pytest.raises(WebhookRefused, match="inner network"):
        webhook.post(f"https://{host}:{receiver}/", b"{}", SENT)
    with pytest.raises(WebhookRefused):
        webhook.post(f"http://{host}:{receiver}/", b"{}", SENT)
    assert Receiver.got == []


def test_a_name_that_changes_its_address_meanwhile(receiver, monkeypatch):
    """The second answer of DNS is not asked for: the judged address is called."""
    answers = iter(["93.184.216.34", "127.0.0.1"])
    real, asked, called = socket.getaddrinfo, [], []

    def resolve(host, port, *args, **named):
        if host != "rebind.test":
            return real(host, port, *args, **named)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address, *_args, **_named):
        called.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(WebhookFailed):
        webhook.post(f"https://rebind.test:{receiver}/", b"{}", SENT)
    assert (asked, called) == (["rebind.test"], ["93.184.216.34"])
    assert Receiver.got == []


def test_one_inner_address_among_others_is_enough(monkeypatch):
    def resolve(_host, port, **_named):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in ("93.184.216.34", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(WebhookRefused, match=r"10\.0\.0\.1"):
        webhook.post("https://mixed.test/", b"{}", SENT)


def test_a_message_arrives_whole_and_signed(receiver):
    secret = webhook.new_secret()
    body = b'{"event": "ping"}'
    sent = webhook.headers(secret, "id-1", 1700000000, body)
    assert (
        webhook.post(f"http://127.0.0.1:{receiver}/hook?x=1", body, sent, LOCAL) == 204
    )
    ((path, headers, got),) = Receiver.got
    assert (path, got) == ("/hook?x=1", body)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(key) == 32
    words = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + got
    wanted = base64.b64encode(hmac.new(key, words, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert headers["host"] == f"127.0.0.1:{receiver}"


def test_the_example_of_the_specification():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    assert (
        webhook.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    for bad in ("", "whsec_", "whsec_%%%", "whsec_c2hvcnQ="):
        with pytest.raises(WebhookRefused):
            webhook.signature(bad, "x", 1, b"")


def test_redirects_are_answers(receiver):
    url = f"http://127.0.0.1:{receiver}/moved"
    assert webhook.post(url, b"{}", SENT, LOCAL) == 302
    assert len(Receiver.got) == 1


def test_proxies_of_the_environment_are_not_used(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")
    assert webhook.post(f"http://127.0.0.1:{receiver}/", b"{}", SENT, LOCAL) == 204


def test_plain_http_only_into_allowed_networks(monkeypatch):
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda _host, port, **_named: [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))
        ],
    )
    with pytest.raises(WebhookRefused, match="over https"):
        webhook.post("http://public.test/", b"{}", SENT, LOCAL)


def test_certificates_are_checked_for_the_name(tmp_path):
    pem, context = self_signed(tmp_path)
    Receiver.got = []
    with serving(context, Receiver) as port:
        with pytest.raises(WebhookFailed, match="certificate"):
            webhook.post(f"https://localhost:{port}/", b"{}", SENT, LOCAL + V6)
        trusting = ssl.create_default_context(cadata=pem)
        with pytest.raises(WebhookFailed, match="certificate"):
            webhook.post(
                f"https://localhost:{port}/", b"{}", SENT, LOCAL + V6, trusting
            )
    assert Receiver.got == []


V6 = webhook.parse_networks("::1/128")


def test_a_receiver_that_drips_is_cut_off():
    """Byte after byte it would hold a worker for hours."""
    done = threading.Event()

    def drip(server):
        client, _address = server.accept()
        client.recv(65536)
        with client:
            client.sendall(b"HTTP/1.1 200 OK\r\n")
            while not done.wait(0.05):
                try:
                    client.sendall(b"X-A: b\r\n")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(WebhookFailed):
            webhook.post(url, b"{}", SENT, LOCAL, deadline_s=0.5)
        done.set()


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(WebhookFailed, match="No answer"):
        webhook.post(f"http://127.0.0.1:{port}/", b"{}", SENT, LOCAL)
    with pytest.raises(WebhookFailed, match="no address"):
        webhook.post("https://no-such-name.invalid/", b"{}", SENT)


@pytest.mark.parametrize("text", ["x", "10.0.0.1/8", "10.0.0.0/99", "127.0.0.1/32; x"])
def test_what_is_no_list_of_networks(text):
    with pytest.raises(WebhookRefused):
        webhook.parse_networks(text)


def test_networks():
    assert webhook.parse_networks("") == []
    assert len(webhook.parse_networks("10.0.0.0/8, ::1/128  192.168.0.0/16")) == 3
