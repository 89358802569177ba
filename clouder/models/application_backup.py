from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClouderApplication(models.Model):
    """The backup settings that new services and bases start with."""

    _inherit = "clouder.application"

    service_backup_ids = fields.Many2many(
        "clouder.service",
        "clouder_application_service_backup_rel",
        "application_id",
        "service_id",
        string="Backup services of services",
    )
    base_backup_ids = fields.Many2many(
        "clouder.service",
        "clouder_application_base_backup_rel",
        "application_id",
        "service_id",
        string="Backup services of bases",
    )
    service_time_between_backup = fields.Integer(
        string="Minutes between saves of services", default=1440, required=True
    )
    base_time_between_backup = fields.Integer(
        string="Minutes between saves of bases", default=1440, required=True
    )
    service_repository_change = fields.Integer(
        string="Days before services change repository", default=30, required=True
    )
    base_repository_change = fields.Integer(
        string="Days before bases change repository", default=30, required=True
    )
    service_repository_expiration = fields.Integer(
        string="Days before repositories of services are deleted",
        default=90,
        required=True,
    )
    base_repository_expiration = fields.Integer(
        string="Days before repositories of bases are deleted",
        default=90,
        required=True,
    )
    service_backup_expiration = fields.Integer(
        string="Days before saves of services expire", default=30, required=True
    )
    base_backup_expiration = fields.Integer(
        string="Days before saves of bases expire", default=30, required=True
    )

    _backup_times = models.Constraint(
        "CHECK (least(service_time_between_backup, base_time_between_backup, "
        "service_repository_change, base_repository_change, "
        "service_backup_expiration, base_backup_expiration) > 0)",
        "Times between saves, before changes and before expiry are 1 at least.",
    )
    _repository_times = models.Constraint(
        "CHECK (service_repository_expiration >= service_repository_change "
        "AND base_repository_expiration >= base_repository_change)",
        "A repository cannot be deleted before the next one is begun.",
    )

    @api.constrains("service_backup_ids", "base_backup_ids")
    def _check_backup_services(self):
        # sudo: a check must see all that it is about
        for application in self.sudo():
            for service in application.service_backup_ids | application.base_backup_ids:
                if not service.application_id._check_tags({"backup"}):
                    raise ValidationError(
                        self.env._(
                            "Service %s cannot store saves: its application has no tag "
                            "“backup”.",
                            service.display_name,
                        )
                    )

    def _backup_settings(self, kind):
        """Return the backup settings that a new record of ``kind`` starts with.

        :param str kind: "service" or "base"
        :return: values for the fields ``backup_ids``, ``time_between_backup``,
            ``repository_change``, ``repository_expiration``, ``backup_expiration``
        """
        self.ensure_one()
        return {
            "backup_ids": self[f"{kind}_backup_ids"],
            **{
                name: self[f"{kind}_{name}"]
                for name in (
                    "time_between_backup",
                    "repository_change",
                    "repository_expiration",
                    "backup_expiration",
                )
            },
        }
