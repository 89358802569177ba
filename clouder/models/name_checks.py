"""Joins the naming rules of ``lib.names`` to the constraints of models."""

from odoo.exceptions import ValidationError

from ..lib.dockerfile import check_path
from ..lib.errors import NameRefused, SpecRefused


def check_names(records, field, check):
    """Check the text of ``field`` of each of ``records``; an empty one passes.

    :param str field: name of a text field
    :param check: a ``check_…`` function of ``lib.names``
    :raise ValidationError: the check refused a value; the text tells field and cause
    """
    label = records._fields[field]._description_string(records.env)
    for record in records:
        if not record[field]:
            continue
        try:
            check(record[field])
        except NameRefused as error:
            message = records.env._("%(field)s: %(reason)s", field=label, reason=error)
            raise ValidationError(message) from error


def check_paths(records, field):
    """Check the path in a container in ``field`` of each of ``records``.

    :raise ValidationError: it is no absolute path in its shortest form
    """
    for record in records:
        try:
            check_path(record[field])
        except SpecRefused as error:
            raise ValidationError(str(error)) from error


def check_list(records, field, check):
    """Check each part of the comma separated text of ``field``.

    :raise ValidationError: a part is empty or refused, or stands there twice
    """
    for record in records:
        parts = split_list(record[field])
        if len(set(parts)) != len(parts):
            raise ValidationError(
                record.env._("“%s” names the same thing twice.", record[field])
            )
        for part in parts:
            try:
                check(part)
            except NameRefused as error:
                raise ValidationError(str(error)) from error


def split_list(text):
    """Return the parts of a comma separated text, without the blanks around them."""
    return [part.strip() for part in text.split(",")] if text else []
