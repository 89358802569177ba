from odoo import fields, models


class ClouderJobLine(models.Model):
    _name = "clouder.job.line"
    _description = "Job Log Line"
    _order = "id"
    _log_access = False

    job_id = fields.Many2one(
        "clouder.job", required=True, ondelete="cascade", index=True
    )
    step_id = fields.Many2one(
        "clouder.job.step", ondelete="cascade", index="btree_not_null"
    )
    level = fields.Selection(
        [
            ("info", "Information"),
            ("output", "Output"),
            ("warning", "Warning"),
            ("error", "Error"),
        ],
        default="info",
        required=True,
    )
    text = fields.Char(required=True)
    create_date = fields.Datetime(default=fields.Datetime.now, readonly=True)
