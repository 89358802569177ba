"""The program ``nsupdate`` in the name server's container: kept open, or started each time."""

import time

# As people do it in a script: a process for each update, and one more for the question.
PROCESS = """
begun=$(date +%s%N)
nsupdate <<END
server 127.0.0.1 {port}
zone {zone}
key hmac-sha256:clouder-update {key}
update add {host} 300 A {address}
send
END
until dig +short @127.0.0.1 -p {port} {host} A | grep -q .; do :; done
echo $(( $(date +%s%N) - begun ))
"""
CONFIRMED = b"status: NOERROR"
DEADLINE_S = 10


class Kept:
    """One ``nsupdate`` that runs, and is given one update after the other.

    It has a terminal, because it keeps its answers to itself without one.
    """

    def __init__(self, container, port, zone, key):
        api = container.client.api
        made = api.exec_create(container.id, ["nsupdate"], stdin=True, tty=True)
        self._stream = api.exec_start(made["Id"], socket=True, tty=True)
        self._socket = getattr(self._stream, "_sock", self._stream)
        self._socket.settimeout(DEADLINE_S)
        self._say(f"server 127.0.0.1 {port}")
        self._say(f"zone {zone}")
        self._say(f"key hmac-sha256:clouder-update {key}")

    def add(self, host, address):
        """Add a record; return when the server has confirmed it."""
        self._say(f"update add {host} 300 A {address}")
        self._say("send")
        self._say("answer")
        seen = b""
        while CONFIRMED not in seen:
            part = self._socket.recv(65536)
            assert part, f"nsupdate has ended: {seen.decode()}"
            seen += part
        # What is left of this answer is not taken for the next one.
        while not seen.rstrip().endswith(b">"):
            seen += self._socket.recv(65536)

    def _say(self, line):
        self._socket.sendall(f"{line}\n".encode())

    def close(self):
        """End it."""
        self._say("quit")
        self._stream.close()


def process(container, **values):
    """Return how long a process for one update took, in the container's own time."""
    script = PROCESS.format(**values)
    status, output = container.exec_run(["bash", "-c", script])
    assert status == 0, output
    return int(output.decode().split()[-1]) / 1e9


def clocked(work):
    """Return how long ``work()`` took, in seconds."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
