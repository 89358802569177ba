"""The test authority (pebble) of the demonstration, asked itself, not through Odoo."""

import http.client
import ssl

from .console import Stop
from .engine_api import Engine, EngineError

MANAGEMENT_PORT = 15000
SECONDS = 20


def root(engine: Engine, container: str) -> str:
    """Return the certificate with which the authority in `container` signs, PEM text.

    It makes a new one each time it starts.

    :raise Stop: it does not tell
    """
    try:
        networks = engine.json(f"/containers/{container}/json")["NetworkSettings"]
        address = next(iter(networks["Networks"].values()))["IPAddress"]
        connection = http.client.HTTPSConnection(
            address,
            MANAGEMENT_PORT,
            timeout=SECONDS,
            # The address is the container's own, which the engine told.
            context=ssl._create_unverified_context(),
        )
        connection.request("GET", "/roots/0")
        response = connection.getresponse()
        text = response.read().decode()
    except (EngineError, OSError, http.client.HTTPException) as error:
        raise Stop(f"The authority {container} does not answer: {error}") from error
    if response.status != 200:
        raise Stop(f"The authority {container} answers with {response.status}.")
    return text
