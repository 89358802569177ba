from odoo import fields, models
from odoo.tools import SQL


class ClouderProblem(models.Model):
    """Zones that could not be made or removed are problems too."""

    _inherit = "clouder.problem"
    _depends = {"clouder.domain": ["name", "zone_state", "zone_error"]}

    kind = fields.Selection(selection_add=[("zone", "Zone failed")])

    @property
    def _table_query(self):
        return SQL(
            """
            %s UNION ALL
            SELECT id * 8 + 7, name, 'zone', zone_error, 'clouder.domain', id,
                   NULL::integer, write_date
              FROM clouder_domain WHERE zone_state = 'failed'
            """,
            super()._table_query,
        )
