"""Runs in a consumer's container: log in to PostgreSQL with the facts of the link.

``FACTS`` (JSON) is set by a line put before this text. Without psycopg2 only the port is
tried. The last line printed says what is wrong.
"""

import json
import socket
import sys


def probe(facts):
    """Return None, or what is wrong."""
    try:
        import psycopg2
    except ImportError:
        try:
            socket.create_connection((facts["host"], facts["port"]), timeout=5).close()
        except OSError as error:
            return str(error)
        return None
    try:
        psycopg2.connect(
            host=facts["host"],
            port=facts["port"],
            user=facts["user"],
            password=facts["password"],
            dbname="postgres",
            connect_timeout=5,
        ).close()
    except psycopg2.OperationalError as error:
        return str(error).strip().splitlines()[0]
    return None


def main():
    """Probe and say what is wrong."""
    fault = probe(json.loads(FACTS))  # noqa: F821
    if fault:
        print(fault)
        sys.exit(1)


if __name__ == "__main__":
    main()
