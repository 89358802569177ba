"""Labels that say to whom a container, volume, network or image belongs."""

from collections.abc import Mapping

LABEL_DATABASE = "clouder.database"
"""The uuid of the Odoo database whose records own the thing."""

LABEL_RECORD = "clouder.record"
"""The owning record, as ``model,id``."""

LABEL_DIGEST = "clouder.digest"
"""The digest of the spec a container was made from."""

LABEL_FINGERPRINT = "clouder.fingerprint"
"""What an image was built from."""

LABEL_PRIVATE = "clouder.private"
"""On a volume that is made and removed with a container: the container's name."""


def is_owned(found: Mapping[str, str] | None, owner: Mapping[str, str]) -> bool:
    """Tell whether the labels ``found`` on a thing are those of ``owner``.

    :param owner: the database and, where only one record may touch the thing, the record
    """
    marks = {key: owner[key] for key in (LABEL_DATABASE, LABEL_RECORD) if key in owner}
    if not marks.get(LABEL_DATABASE):
        return False
    return all((found or {}).get(key) == mark for key, mark in marks.items())


def is_ours(found: Mapping[str, str] | None, owner: Mapping[str, str]) -> bool:
    """Tell whether a thing is of the database of ``owner``, of whichever record."""
    return is_owned(found, {LABEL_DATABASE: owner.get(LABEL_DATABASE, "")})


def owner_labels(database: str, model: str, record_id: int) -> dict[str, str]:
    """Return the labels of a thing that belongs to one record of one database."""
    return {LABEL_DATABASE: database, LABEL_RECORD: f"{model},{record_id}"}
