"""Imports ``clouder_template_proxy.lib`` without Odoo."""

import importlib
import sys
import types
from pathlib import Path

PACKAGE = "clouder_template_proxy_pure"
ROOT = Path(__file__).resolve().parent.parent / "clouder_template_proxy"

if PACKAGE not in sys.modules:
    sys.modules[PACKAGE] = types.ModuleType(PACKAGE)
    sys.modules[PACKAGE].__path__ = [str(ROOT)]

certificate, publication, render, routes = (
    importlib.import_module(f"{PACKAGE}.lib.{name}")
    for name in ("certificate", "publication", "render", "routes")
)
