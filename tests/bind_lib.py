"""Imports ``clouder_template_bind.lib`` without Odoo."""

import importlib
import sys
import types
from pathlib import Path

PACKAGE = "clouder_template_bind_pure"
ROOT = Path(__file__).resolve().parent.parent / "clouder_template_bind"

if PACKAGE not in sys.modules:
    sys.modules[PACKAGE] = types.ModuleType(PACKAGE)
    sys.modules[PACKAGE].__path__ = [str(ROOT)]

records, render, server, zone = (
    importlib.import_module(f"{PACKAGE}.lib.{name}")
    for name in ("records", "render", "server", "zone")
)
