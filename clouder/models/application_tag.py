from odoo import api, fields, models

from ..lib import names
from .name_checks import check_names


class ClouderApplicationTag(models.Model):
    """A mark on applications that drivers, links and images look at."""

    _name = "clouder.application.tag"
    _description = "Application Tag"
    _order = "name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="What drivers, links and images look for. Lowercase letters, digits and hyphens.",
    )
    application_ids = fields.Many2many(
        "clouder.application",
        "clouder_application_tag_rel",
        "tag_id",
        "application_id",
        string="Applications",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "Another tag has this code already."
    )
    _code_format = models.Constraint(
        r"CHECK (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$')",
        "The code of a tag has only lowercase letters, digits and single hyphens.",
    )

    @api.constrains("code")
    def _check_code(self):
        check_names(self, "code", names.check_tag_code)
