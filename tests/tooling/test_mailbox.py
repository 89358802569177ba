"""The mailbox of the demonstration keeps what it is sent, and shows it."""

import os
import smtplib
import socket
import subprocess
import sys

import pytest

from devtool import mailbox, settings
from devtool.proc import wait_for

REPO = settings.REPO
MESSAGE = """From: clouder@demo.example
To: jane@customer.example
Subject: Please confirm your order
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Confirm: http://127.0.0.1:8069/instances/confirm/x \u00e9
"""


@pytest.fixture
def chosen(tmp_path):
    environ = {"HOME": str(tmp_path), "CLOUDER_STATE": str(tmp_path / "state")}
    return settings.load(environ)


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_nothing_has_come(chosen):
    assert mailbox.messages(chosen) == []


def test_it_keeps_what_it_is_sent(chosen, port):
    place = mailbox.folder(chosen)
    place.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "devtool.mailbox_server"]
    with subprocess.Popen(
        [*argv, "127.0.0.1", str(port), str(place)],
        env={**os.environ, "PYTHONPATH": str(REPO)},
    ) as child:
        try:
            wait_for("the mailbox", lambda: (_answers(port), "silence"), 20)
            with smtplib.SMTP("127.0.0.1", port, timeout=20) as session:
                session.sendmail("a@b.example", ["c@d.example"], MESSAGE.encode())
        finally:
            child.terminate()
    [message] = mailbox.messages(chosen)
    text = mailbox.shown(message)
    assert text.startswith("From: clouder@demo.example\nTo: jane@customer.example\n")
    assert "http://127.0.0.1:8069/instances/confirm/x \u00e9" in text


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
