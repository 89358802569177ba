"""The secret key of this Odoo process: where it lies, and how it is first made.

The key never enters a database. Its path comes from the environment variable
``CLOUDER_SECRET_KEY_FILE``, else from ``secret_key_file`` in the section ``[clouder]``
of Odoo's configuration file, else it is ``clouder-secret.key`` in Odoo's data directory.
"""

import configparser
import functools
import os
import pathlib

from odoo.tools import config

from .lib.secrets import Vault


def key_path() -> pathlib.Path:
    """Return the path of the secret key file."""
    given = os.environ.get("CLOUDER_SECRET_KEY_FILE") or _configured()
    return pathlib.Path(
        given or pathlib.Path(config["data_dir"]) / "clouder-secret.key"
    )


def _configured() -> str | None:
    """Return the path in Odoo's configuration file; Odoo itself reads one section only."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(config.get("config") or [])
    return parser.get("clouder", "secret_key_file", fallback=None)


@functools.cache
def vault() -> Vault:
    """Return the vault of this process, loaded once.

    :raise SecretKeyError: the key file is missing, damaged or readable by others
    """
    return Vault.load(key_path())


def create_vault() -> Vault:
    """Make the key file of a first start and return its vault.

    :raise SecretKeyError: the file cannot be written
    """
    Vault.create(key_path())
    vault.cache_clear()
    return vault()
