from odoo import models
from odoo.tools import SQL


class ClouderProblem(models.Model):
    """A certificate that an authority issued is a problem when its renewal is overdue."""

    _inherit = "clouder.problem"
    _depends = {"clouder.domain": ["cert_renewal_date"]}

    def _unrenewed(self):
        return SQL(
            """
            %s AND (cert_origin IS DISTINCT FROM 'acme' OR cert_renewal_date IS NULL
                    OR cert_renewal_date < (now() AT TIME ZONE 'utc')::date - 1)
            """,
            super()._unrenewed(),
        )
