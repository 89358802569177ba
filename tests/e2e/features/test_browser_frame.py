"""The order form in a page of another site: shown where the settings say so, only there."""

import contextlib
import http.server
import os
import threading
import urllib.parse

import pytest
from clouder_lib.wait import wait_for

from ..chromium import Chromium
from ..visitor import offered

SUGGESTED = ()
ORIGINS = "clouder.order_embed_origins"
PAGE = "<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1><iframe src='{}'></iframe>"
# What a browser shows in the place of what it must not frame.
REFUSED = "chrome-error://chromewebdata/"
FIELD = "document.querySelector('form.o_clouder_order input[name=name]')"


@contextlib.contextmanager
def site(host):
    """Give the origin of a web server, whose one page frames the order form."""
    target = f"{os.environ['CLOUDER_E2E_URL']}/instances/embed/odoo"
    body = PAGE.format(target).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def on_the_website(infra):
    application = infra.api.find("clouder.application", ("code", "=", "odoo"))
    with offered(infra, application, infra.odoo):
        yield


@pytest.fixture
def allow(infra):
    """Return a function that says which sites may frame the form."""

    def say(*origins):
        value = " ".join(origins) or False
        infra.api("ir.config_parameter", "set_param", ORIGINS, value)

    yield say
    say()


def framed(browser, origin):
    """Open a site; return the frame in it: (id, address), when that has come."""
    browser.open(f"{origin}/")
    frames = []

    def look():
        frames[:] = [
            one for one in browser.frames() if one[1] not in ("", "about:blank")
        ]
        return bool(frames), str(frames)

    wait_for("the frame", look, 60)
    return frames[0]


def test_a_site_that_is_allowed_has_the_form(infra, on_the_website, allow):
    with site("shop.localhost") as origin, Chromium() as browser:
        allow("https://other.example", origin)
        frame, address = framed(browser, origin)
        assert urllib.parse.urlsplit(address).path == "/instances/embed/odoo"
        place = browser.inside(frame)
        assert browser.run(f"{FIELD}.checkVisibility()", **place)
        # The order itself is made in a window of its own, on our own page.
        browser.run(f"{FIELD}.value = 'from-elsewhere'", **place)
        browser.run(f"{FIELD}.form.requestSubmit()", **place)

        def opened():
            urls = [one["url"] for one in browser.pages()]
            ours = [one for one in urls if "/instances/odoo?" in one]
            return any("name=from-elsewhere" in one for one in ours), str(urls)

        wait_for("the order page in a window of its own", opened, 60)


@pytest.mark.parametrize("others", [(), ("https://shop.localhost",)])
def test_another_site_has_nothing(infra, on_the_website, allow, others):
    """A scheme or a port that differs is another site, too."""
    with site("shop.localhost") as origin, Chromium() as browser:
        allow(*others)
        assert framed(browser, origin)[1] == REFUSED


def test_nobody_frames_what_is_not_meant_for_it(infra, on_the_website, allow):
    """Not even an allowed site shows the page on which the order is made."""
    with site("shop.localhost") as origin, Chromium() as browser:
        allow(origin)
        assert framed(browser, origin)[1] != REFUSED
        page = f"{os.environ['CLOUDER_E2E_URL']}/instances/odoo"
        browser.run(f"document.querySelector('iframe').src = '{page}'")

        def refused():
            found = browser.frames()
            return bool(found) and found[0][1] == REFUSED, str(found)

        wait_for("the browser to refuse it", refused, 60)
