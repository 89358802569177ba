from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ClouderApplication(models.Model):
    """What new services of an application run, and where."""

    _inherit = "clouder.application"

    default_image_id = fields.Many2one(
        "clouder.image",
        ondelete="restrict",
        index="btree_not_null",
        help="The image that services of this application run.",
    )
    next_image_version_id = fields.Many2one(
        "clouder.image.version",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('image_id', '=', default_image_id)]",
        help="The version of the image that new services run; the newest one if empty.",
    )
    next_node_id = fields.Many2one(
        "clouder.node",
        ondelete="restrict",
        index="btree_not_null",
        help="The node where new services are deployed.",
    )
    next_service_id = fields.Many2one(
        "clouder.service",
        ondelete="set null",
        index="btree_not_null",
        domain="[('type_id', '=', type_id), ('parent_id', '=', False)]",
        help="The service of new bases. Without one, a base that is given no service "
        "gets a new one on the next node.",
    )

    @api.constrains("next_image_version_id", "default_image_id")
    def _check_next_image_version(self):
        # sudo: a check must see all that it is about
        for application in self.sudo().filtered("next_image_version_id"):
            if (
                application.next_image_version_id.image_id
                != application.default_image_id
            ):
                raise ValidationError(
                    self.env._(
                        "Version %(version)s is no version of the default image of "
                        "%(application)s.",
                        version=application.next_image_version_id.display_name,
                        application=application.name,
                    )
                )

    @api.constrains("next_service_id")
    def _check_next_service(self):
        # sudo: a check must see all that it is about
        for application in self.sudo().filtered("next_service_id"):
            if application.next_service_id.type_id != application.type_id:
                raise ValidationError(
                    self.env._(
                        "Service %(service)s cannot host bases of %(application)s: it is "
                        "of another type.",
                        service=application.next_service_id.display_name,
                        application=application.name,
                    )
                )

    @api.onchange("default_image_id")
    def _onchange_default_image_id(self):
        if self.next_image_version_id.image_id != self.default_image_id:
            self.next_image_version_id = False

    def _version_name(self, now=None):
        """Return the name of an image version made ``now``.

        :param datetime now: UTC; this very moment if not given
        :return: ``<current_version>.<YYYYMMDD.HHMMSS>``
        :raise UserError: the application has no current version
        """
        self.ensure_one()
        if not self.current_version:
            raise UserError(
                self.env._(
                    "Give application %s a current version first: the names of its image "
                    "versions begin with it.",
                    self.name,
                )
            )
        stamp = (now or fields.Datetime.now()).strftime("%Y%m%d.%H%M%S")
        return f"{self.current_version}.{stamp}"

    def _image_version(self):
        """Return the image version that a new service runs, empty when there is none."""
        self.ensure_one()
        return self.next_image_version_id or self.default_image_id._newest_version()

    def action_build_image(self):
        """Build a new version of the default image; open the job that does it."""
        self.ensure_one()
        self.check_access("write")
        if not self.default_image_id:
            raise UserError(
                self.env._("Application %s has no image to build.", self.display_name)
            )
        version = self.default_image_id._new_version(self)
        if not self.next_image_version_id:
            self.next_image_version_id = version
        return version._build(self.next_node_id)._get_records_action()
