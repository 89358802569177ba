"""Runs in an Odoo container, before one of the scripts beside: the code of modules.

``PARAMETERS`` is set by a line put before this text.
"""

import hashlib
import os
import pathlib

CONFIG = "/etc/clouder/odoo.conf"


def module_path(name):
    """Return the folder of a module, None when there is no such module."""
    from odoo.modules.module import initialize_sys_path

    import odoo.addons

    initialize_sys_path()
    for root in odoo.addons.__path__:
        folder = pathlib.Path(root, name)
        if (folder / "__manifest__.py").is_file():
            return folder
    return None


def code_digest(folder):
    """Return the digest of all that a module consists of."""
    digest = hashlib.sha256()
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        for name in sorted(files):
            path = pathlib.Path(parent, name)
            content = path.read_bytes() if path.is_file() else b""
            digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def code_digests(names):
    """Return the digest of each of the modules that exist."""
    folders = {name: module_path(name) for name in names}
    return {name: code_digest(path) for name, path in folders.items() if path}
