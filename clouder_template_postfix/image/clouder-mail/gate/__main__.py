"""Started by the image: run the gate of the mail server."""

from mailgate.server import run

run()
