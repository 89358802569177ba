"""Imports ``clouder_template_postfix.lib``, and the gate of its image, without Odoo."""

import importlib
import sys
import types
from pathlib import Path

PACKAGE = "clouder_template_postfix_pure"
ROOT = Path(__file__).resolve().parent.parent / "clouder_template_postfix"
GATE = ROOT / "image/clouder-mail/gate"

if PACKAGE not in sys.modules:
    sys.modules[PACKAGE] = types.ModuleType(PACKAGE)
    sys.modules[PACKAGE].__path__ = [str(ROOT)]

container, hosts, identity, publication, records, settings, tables = (
    importlib.import_module(f"{PACKAGE}.lib.{name}")
    for name in (
        "container",
        "hosts",
        "identity",
        "publication",
        "records",
        "settings",
        "tables",
    )
)
