from odoo import fields, models


class ClouderBackupMixin(models.AbstractModel):
    """The backup settings of a service or base, taken from its application."""

    _name = "clouder.backup.mixin"
    _description = "Backup Settings"

    auto_backup = fields.Boolean(
        default=True, help="Back up automatically at the interval below."
    )
    time_between_backup = fields.Integer(
        string="Minutes between backups",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
    )
    repository_change = fields.Integer(
        string="Days until a new repository",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
        help="After so many days the next backup opens a new repository.",
    )
    repository_expiration = fields.Integer(
        string="Days until a repository expires",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
    )
    backup_expiration = fields.Integer(
        string="Days until a backup expires",
        compute="_compute_from_application",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_next_backup = fields.Datetime(string="Next backup", copy=False)
    backup_comment = fields.Char(copy=False)

    def _backup_values(self, kind):
        """Return the backup settings of the application.

        :param str kind: ``service`` or ``base``
        """
        application = self.application_id
        names = (
            "time_between_backup",
            "repository_change",
            "repository_expiration",
            "backup_expiration",
        )
        return {name: application[f"{kind}_{name}"] for name in names}
