from odoo import fields, models


class ClouderBackupRepository(models.Model):
    """Backups of one record that are kept, and dropped, together."""

    _name = "clouder.backup.repository"
    _description = "Backup Repository"
    _order = "name desc"

    name = fields.Char(required=True)
    backup_service_id = fields.Many2one(
        "clouder.service", required=True, ondelete="restrict", index=True
    )
    environment_id = fields.Many2one(
        "clouder.environment", ondelete="cascade", index=True
    )
    date_change = fields.Date(help="From this day the next backup opens a new one.")
    date_expiration = fields.Date(help="From this day it is dropped with its backups.")
    backup_ids = fields.One2many("clouder.backup", "repository_id")


class ClouderBackup(models.Model):
    """One saved state of a service or base."""

    _name = "clouder.backup"
    _description = "Backup"
    _order = "create_date desc, id desc"

    name = fields.Char(required=True)
    repository_id = fields.Many2one(
        "clouder.backup.repository", ondelete="cascade", index=True
    )
    environment_id = fields.Many2one(
        "clouder.environment", ondelete="cascade", index=True
    )
    service_id = fields.Many2one("clouder.service", ondelete="set null", index=True)
    base_id = fields.Many2one("clouder.base", ondelete="set null", index=True)
    backup_service_id = fields.Many2one(
        "clouder.service", ondelete="restrict", index=True
    )
    date_expiration = fields.Date()
    comment = fields.Char()
