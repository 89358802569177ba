"""Runs in an Odoo container: the attachment files of databases.

The files bear their content's digest as name and never change, so copies share them as
hard links. A copy is made beside and renamed: where it stands, it is whole.

Usage: python3 - clone SOURCE TARGET | merge SOURCE TARGET | replace SOURCE TARGET
       | remove NAME…
"""

import errno
import json
import os
import pathlib
import shutil
import sys

DATA_DIR = pathlib.Path("/var/lib/odoo")
CANNOT_LINK = (errno.EXDEV, errno.EMLINK, errno.EPERM)


def store(name, data_dir=DATA_DIR):
    """Return the folder of a database's files."""
    if not name or "/" in name or name.startswith("."):
        sys.exit(f"{name!r} is no name of a database.")
    return data_dir / "filestore" / name


def making(name, data_dir=DATA_DIR):
    """Return an empty folder beside, in which something can be made or unmade."""
    folder = data_dir / "making" / store(name, data_dir).name
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def link(source, target):
    """Have the file ``target`` with the content of ``source``."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in CANNOT_LINK:
            raise
        shutil.copy2(source, target)


def link_tree(source, target):
    """Have every file of ``source`` in ``target`` too."""
    target.mkdir(parents=True, exist_ok=True)
    if not source.is_dir():
        return
    for folder in source.iterdir():
        if folder.is_dir() and folder.name != "checklist":
            (target / folder.name).mkdir(exist_ok=True)
            for file in folder.iterdir():
                link(file, target / folder.name / file.name)


def clone(source, target, data_dir=DATA_DIR):
    """Have the files of ``target``: those it has, else a copy of those of ``source``."""
    if store(target, data_dir).is_dir():
        return
    made = making(target, data_dir)
    link_tree(store(source, data_dir), made)
    store(target, data_dir).parent.mkdir(parents=True, exist_ok=True)
    made.rename(store(target, data_dir))


def merge(source, target, data_dir=DATA_DIR):
    """Add the files of ``source`` to those of ``target``."""
    link_tree(store(source, data_dir), store(target, data_dir))


def replace(source, target, data_dir=DATA_DIR):
    """Put the folder ``source`` in the place of ``target``; do nothing without it."""
    if not store(source, data_dir).is_dir():
        return
    old = making(target, data_dir)
    if store(target, data_dir).is_dir():
        store(target, data_dir).rename(old)
    store(source, data_dir).rename(store(target, data_dir))
    shutil.rmtree(old, ignore_errors=True)


def remove(*names, data_dir=DATA_DIR):
    """Remove the files and the sessions of databases."""
    for name in names:
        shutil.rmtree(making(name, data_dir), ignore_errors=True)
        old = making(name, data_dir)
        if store(name, data_dir).is_dir():
            store(name, data_dir).rename(old)
            shutil.rmtree(old)
    for file in (data_dir / "sessions").glob("*/*"):
        if session_database(file) in names:
            file.unlink(missing_ok=True)


def session_database(file):
    """Return the database of a session, None when that cannot be told."""
    try:
        return json.loads(file.read_text()).get("db")
    except (OSError, ValueError, AttributeError):
        return None


if __name__ == "__main__":
    {"clone": clone, "merge": merge, "replace": replace, "remove": remove}[sys.argv[1]](
        *sys.argv[2:]
    )
