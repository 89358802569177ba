"""Render configuration files whole from values."""

import pathlib
import re
from typing import Any

import jinja2

from odoo.addons.clouder.lib.errors import SpecRefused

_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def render(path: pathlib.Path, **values: Any) -> bytes:
    """Return the Jinja template at ``path`` filled with ``values``.

    The filter ``line`` lets a value pass that fits on one line, and nothing else.

    :raise SpecRefused: a value would begin a line of its own
    :raise jinja2.UndefinedError: the template asks for a value that is not given
    """
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 plain configuration files, no HTML
    )
    environment.filters["line"] = line
    return environment.from_string(path.read_text()).render(values).encode()


def line(value: object) -> str:
    """Return ``value`` as text if it fits on one line of a configuration file.

    :raise SpecRefused: it holds a line break or another control character
    """
    text = str(value)
    if _LINE_BREAKS.search(text) or text != text.strip():
        raise SpecRefused(
            "A value for a configuration file holds a line break or outer spaces.",
            "Write it on one line.",
        )
    return text
