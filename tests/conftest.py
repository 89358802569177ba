"""Make ``clouder/lib`` importable as ``clouder_lib``, without Odoo."""

import importlib.util
import pathlib
import sys

LIB = pathlib.Path(__file__).parents[1] / "clouder" / "lib"


NAME = "clouder_lib"


def load_library():
    """Load the pure core as a package of its own, once.

    The addon package around it needs Odoo; the core itself must not, and its imports
    are all relative, so it works under any name.
    """
    if NAME in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(
        NAME, LIB / "__init__.py", submodule_search_locations=[str(LIB)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)


load_library()
