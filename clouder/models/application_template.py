from odoo import fields, models


class ClouderApplicationTemplate(models.Model):
    """Options and links that several applications share.

    Applications read them live: a change here reaches them at once.
    """

    _name = "clouder.application.template"
    _description = "Application Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(
        default=10, help="The first template that knows an option or link decides."
    )
    option_ids = fields.One2many(
        "clouder.application.option", "template_id", string="Options", copy=True
    )
    link_ids = fields.One2many(
        "clouder.application.link", "template_id", string="Links", copy=True
    )
    application_ids = fields.Many2many(
        "clouder.application",
        "clouder_application_template_rel",
        "template_id",
        "application_id",
        string="Applications",
    )

    _name_uniq = models.Constraint(
        "UNIQUE (name)", "Another application template has this name already."
    )
