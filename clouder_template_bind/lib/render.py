"""Render configuration files whole from values."""

import pathlib
import re

import jinja2

from .records import RecordRefused

TEMPLATES = pathlib.Path(__file__).parents[1] / "templates"
_LINE = re.compile(r"[A-Za-z0-9+/=._-]+", re.ASCII)


def render(name: str, **values: object) -> bytes:
    """Return the template ``name`` filled with ``values``.

    The filter ``word`` lets a value pass that is one plain word, and nothing else.

    :raise RecordRefused: a value could mean something to BIND
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 plain configuration files, no HTML
    )
    environment.filters["word"] = word
    return environment.get_template(name).render(values).encode()


def word(value: object) -> str:
    """Return ``value`` as text if it is one plain word.

    :raise RecordRefused: it is not
    """
    if not _LINE.fullmatch(str(value)):
        raise RecordRefused("A value for BIND's configuration is not one plain word.")
    return str(value)
