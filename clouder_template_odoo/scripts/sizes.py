"""Runs in an Odoo container: say how many bytes the files of databases take.

Prints a JSON object of the databases that have files. Usage: python3 - NAME…
"""

import json
import os
import pathlib
import sys

DATA_DIR = pathlib.Path("/var/lib/odoo")


def size(folder):
    """Return the bytes of all files in ``folder`` and below; links are not followed."""
    total = 0
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            total += size(entry.path)
        else:
            total += entry.stat(follow_symlinks=False).st_size
    return total


def sizes(*names, data_dir=DATA_DIR):
    """Return the size of the files of each database that has some."""
    folders = {name: data_dir / "filestore" / name for name in names}
    return {name: size(folder) for name, folder in folders.items() if folder.is_dir()}


if __name__ == "__main__":
    print(json.dumps(sizes(*sys.argv[1:])))
