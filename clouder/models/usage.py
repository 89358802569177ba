"""Refuses to delete what others use, and says who uses it."""

from odoo.exceptions import UserError

SHOWN = 10


def refuse_used(record, users):
    """Raise when one of ``users`` is not empty.

    :param record: the record somebody wants to delete
    :param users: recordsets (sudo, whatever the reader may see) that use ``record``
    :raise UserError: names the kinds and names of the users
    """
    parts = [
        f"{records.env['ir.model']._get(records._name).name}: {_names(records)}"
        for records in users
        if records
    ]
    if parts:
        raise UserError(
            record.env._(
                "%(record)s cannot be deleted, for it is in use (%(users)s). "
                "Delete these first, or make them use something else.",
                record=record.display_name,
                users="; ".join(parts),
            )
        )


def _names(records):
    names = records[:SHOWN].mapped("display_name")
    if len(records) > SHOWN:
        names.append(f"+{len(records) - SHOWN}")
    return ", ".join(names)
