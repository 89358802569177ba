from odoo import fields, models


class ClouderJobStep(models.Model):
    """One idempotent step of a job: a hook of a driver on one record."""

    _name = "clouder.job.step"
    _description = "Job Step"
    _order = "job_id, sequence, id"

    job_id = fields.Many2one(
        "clouder.job", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(required=True)
    name = fields.Char(required=True)
    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True
    )
    hook = fields.Char(required=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        default="pending",
        required=True,
    )
    started_at = fields.Datetime()
    ended_at = fields.Datetime()
    duration = fields.Float(help="Seconds that the last try of this step took.")
    error = fields.Char()

    def _record(self):
        """Return the record this step works on; empty when it was deleted."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).exists()
