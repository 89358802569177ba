"""Runs in a container beside the mail server: an Odoo's mail gateway, and the world.

The gateway speaks HTTP on port 8069. It knows the addresses that begin with ``known``;
``GET /pause`` and ``/resume`` turn it off and on, ``/hang<domain>`` has it accept what is
for a domain and say nothing until ``/resume``; ``GET /messages`` shows what it took.
The world is an SMTP server on port 2525, for the mail that leaves.
"""

import asyncio
import base64
import http.server
import json
import threading

from aiosmtpd.controller import Controller

ACTION = 42
taken, received, state = [], [], {"up": True, "refuse": "", "hang": ""}
freed = threading.Event()


class Gateway(http.server.BaseHTTPRequestHandler):
    """What the gate of the mail server asks for."""

    def do_GET(self):
        word = self.path.strip("/")
        if word in ("pause", "resume"):
            state["up"] = word == "resume"
            state["hang"] = ""
            freed.set()
        if word.startswith("hang"):
            freed.clear()
            state["hang"] = word.removeprefix("hang")
        if word.startswith("refuse"):
            state["refuse"] = word.removeprefix("refuse")
        self.answer(200, {"taken": taken, "received": received})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Host"] == state["hang"]:
            freed.wait()
        if not state["up"]:
            return self.answer(503, {})
        if self.headers["Authorization"] != f"Bearer {'k' * 32}":
            return self.answer(401, {})
        if self.path == "/json/2/res.users/context_get":
            return self.answer(200, {"uid": 7})
        if self.path == "/json/2/res.users/read":
            return self.answer(200, [{"id": 7, "action_id": [ACTION, "Gateway"]}])
        return self.answer(200, self.act(body["context"]["clouder_mail"]))

    def act(self, request):
        if "recipient" in request:
            return {"known": request["recipient"].startswith("known")}
        if state["refuse"]:
            return {"refused": state["refuse"]}
        message = base64.b64decode(request["message"]).decode("utf-8", "replace")
        taken.append({"host": self.headers["Host"], "message": message})
        return {"delivered": True}

    def answer(self, status, content):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


class World:
    """Takes every message."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 the name that aiosmtpd calls
        received.append(
            {
                "sender": envelope.mail_from,
                "recipients": envelope.rcpt_tos,
                "message": base64.b64encode(envelope.original_content).decode(),
            }
        )
        return "250 OK"


asyncio.set_event_loop(asyncio.new_event_loop())
Controller(World(), hostname="0.0.0.0", port=2525).start()
server = http.server.ThreadingHTTPServer(("0.0.0.0", 8069), Gateway)
threading.Thread(target=server.serve_forever).start()
