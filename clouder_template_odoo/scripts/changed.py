"""Print, as JSON, the code of a database's modules and which of it changed.

``PARAMETERS["database"]`` names the database. Nothing is loaded: it is read in SQL.
"""

import json

from odoo.sql_db import db_connect
from odoo.tools import config


def known_code(cr):
    """Return what the database was last brought to: digests by module."""
    cr.execute("SELECT value FROM ir_config_parameter WHERE key = 'clouder.modules'")
    return json.loads((cr.fetchone() or ["{}"])[0])


def installed(cr):
    """Return the names of the installed modules."""
    cr.execute(
        "SELECT name FROM ir_module_module WHERE state IN ('installed', 'to upgrade')"
    )
    return [name for (name,) in cr.fetchall()]


config.parse_config(["--config", CONFIG])  # noqa: F821 of code.py
with db_connect(PARAMETERS["database"]).cursor() as cursor:  # noqa: F821
    before = known_code(cursor)
    now = code_digests(installed(cursor))  # noqa: F821 of code.py
changed = sorted(name for name in now if now[name] != before.get(name))
print(json.dumps({"modules": now, "changed": changed}))
