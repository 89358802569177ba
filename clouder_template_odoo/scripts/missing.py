"""Print the modules of ``PARAMETERS["modules"]`` that do not exist, one a line."""

from odoo.tools import config

config.parse_config(["--config", CONFIG])  # noqa: F821 of code.py
for module in PARAMETERS["modules"]:  # noqa: F821
    if module_path(module) is None:  # noqa: F821 of code.py
        print(module)
