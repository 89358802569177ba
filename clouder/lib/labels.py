"""Labels that say to whom a container, volume, network or image belongs."""

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


def owner_labels(database: str, model: str, record_id: int) -> dict[str, str]:
    """Return the labels of a thing that belongs to one record of one database."""
    return {LABEL_DATABASE: database, LABEL_RECORD: f"{model},{record_id}"}
