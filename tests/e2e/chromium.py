"""A real browser without a screen: Chromium, driven over its DevTools protocol."""

import base64
import contextlib
import dataclasses
import itertools
import json
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request

import websocket
from clouder_lib.wait import wait_for

PROGRAM = "chromium"
PATIENCE_S = 60
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-popup-blocking", "--window-size=1366,768", "--remote-debugging-port=0",
    # One process has all frames of a page, so what is in them can be looked at.
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process",
)  # fmt: skip
# Somebody sees it, and nothing keeps him from using it.
SEEN = """(() => {{
    const one = document.querySelector({selector});
    return Boolean(one && one.checkVisibility({{visibilityProperty: true}}) && !one.disabled);
}})()"""


@dataclasses.dataclass(frozen=True)
class Screen:
    """What a page is looked at on.

    :param least: bytes of a picture of it, where more than one word is seen
    """

    name: str
    width: int
    height: int
    mobile: bool
    least: int


DESKTOP = Screen("desktop", 1366, 768, mobile=False, least=6000)
PHONE = Screen("phone", 390, 844, mobile=True, least=3600)


class PageError(Exception):
    """What was asked of the page did not work there."""


class Chromium:
    """One window; the host names ``*.localhost`` are this machine."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="clouder-chromium-"))
        argv = [PROGRAM, *ARGUMENTS, f"--user-data-dir={self.home}", "about:blank"]
        self.process = subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.numbers = itertools.count(1)
        self.line = None
        try:
            self.port = self._find_port()
            wait_for("a window", lambda: (bool(self.pages()), "none"), PATIENCE_S)
            self.line = websocket.create_connection(
                self.pages()[0]["webSocketDebuggerUrl"],
                timeout=PATIENCE_S,
                suppress_origin=True,
            )
            self.call("Page.enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        """End the browser; nothing of it stays."""
        if self.line:
            self.line.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def _find_port(self):
        """Wait until the browser says at which port it is driven."""
        file = self.home / "DevToolsActivePort"

        def look():
            lines = file.read_text().splitlines() if file.exists() else []
            return len(lines) > 1, f"{len(lines)} lines, exit {self.process.poll()}"

        wait_for("Chromium to start", look, PATIENCE_S)
        return int(file.read_text().splitlines()[0])

    def pages(self):
        """Return what the browser says of its open pages."""
        url = f"http://127.0.0.1:{self.port}/json/list"
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as reply:
            return [one for one in json.load(reply) if one["type"] == "page"]

    def call(self, method, **params):
        """Call a method of the DevTools protocol and return its result."""
        number = next(self.numbers)
        sent = {"id": number, "method": method, "params": params}
        self.line.send(json.dumps(sent))
        while True:
            answer = json.loads(self.line.recv())
            if answer.get("id") == number:
                break
        if "error" in answer:
            raise PageError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def run(self, script, **place):
        """Return the value of a script in the page, run as if somebody had clicked.

        :param place: ``contextId`` of the frame it runs in
        """
        found = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True,
            returnByValue=True, userGesture=True, **place,
        )  # fmt: skip
        if wrong := found.get("exceptionDetails"):
            text = wrong.get("exception", {}).get("description") or wrong["text"]
            raise PageError(f"{script[:200]}: {text}")
        return found["result"].get("value")

    def open(self, url):
        """Go to a page."""
        error = self.call("Page.navigate", url=url).get("errorText")
        if error:
            raise PageError(f"{url}: {error}")
        self.await_true("document.readyState === 'complete'")

    def await_true(self, script, deadline_s=PATIENCE_S):
        """Wait until a script gives something true, over changes of the page."""

        def look():
            try:
                return bool(self.run(script)), self.run("location.href")
            except PageError as error:
                return False, str(error)

        wait_for(script, look, deadline_s)

    def see(self, selector, deadline_s=PATIENCE_S):
        """Wait until somebody sees an element, and can use it."""
        self.await_true(SEEN.format(selector=json.dumps(selector)), deadline_s)

    def press(self, selector):
        """Click an element as soon as it is seen."""
        self.see(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def write(self, selector, text):
        """Type a text into a field in the place of what is in it.

        A page that is only just shown loses what is typed before it has the focus.
        """
        self.see(selector)
        field = f"document.querySelector({json.dumps(selector)})"

        def typed():
            self.run(f"{field}.focus(), {field}.select()")
            self.call("Input.insertText", text=text)
            there = self.run(f"{field}.value")
            return there == text, there

        wait_for(f"{text!r} to be in {selector}", typed, PATIENCE_S)

    def show_on(self, screen):
        """Look at the pages on another screen from now on, with a finger on a phone."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=screen.width,
            height=screen.height, mobile=screen.mobile, deviceScaleFactor=1,
        )  # fmt: skip
        self.call("Emulation.setTouchEmulationEnabled", enabled=screen.mobile)

    def picture(self, path):
        """Keep what is seen of the page at the moment, as a PNG file."""
        shot = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    @contextlib.contextmanager
    def offline(self):
        """Have the page reach nothing while the block runs."""
        speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.call("Network.enable")
        self.call("Network.emulateNetworkConditions", offline=True, **speed)
        try:
            yield
        finally:
            self.call("Network.emulateNetworkConditions", offline=False, **speed)

    def frames(self):
        """Return the frames in the page: list of (id, address)."""
        tree = self.call("Page.getFrameTree")["frameTree"]
        inner = [one["frame"] for one in tree.get("childFrames", ())]
        return [(one["id"], one["url"]) for one in inner]

    def inside(self, frame_id):
        """Return what :meth:`run` needs to run in a frame."""
        made = self.call("Page.createIsolatedWorld", frameId=frame_id)
        return {"contextId": made["executionContextId"]}
