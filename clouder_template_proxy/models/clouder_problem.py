from odoo import fields, models
from odoo.tools import SQL

SOON_DAYS = 14


class ClouderProblem(models.Model):
    """Certificates that end soon, and that nobody renews, are problems too."""

    _inherit = "clouder.problem"
    _depends = {
        "clouder.base": ["cert_expires_at", "cert_origin", "cert_renewal_date"],
        "clouder.domain": ["cert_expires_at", "cert_origin"],
    }

    kind = fields.Selection(selection_add=[("certificate", "Certificate ends")])

    @property
    def _table_query(self):
        return SQL(
            "%s UNION ALL %s UNION ALL %s",
            super()._table_query,
            self._certificate_query("base", "fulldomain", 0),
            self._certificate_query("domain", "name", 1),
        )

    def _certificate_query(self, owner, name, offset):
        """Return the query of certificates that end soon; their ids are negative."""
        base = owner == "base"
        return SQL(
            """
            SELECT -(id * 8 + %s), %s, 'certificate',
                   concat(%s::text, ' ', cert_expires_at::date), %s, id, %s, write_date
              FROM %s
             WHERE cert_cert IS NOT NULL AND cert_key_encrypted IS NOT NULL
               AND cert_expires_at < (now() AT TIME ZONE 'utc') + make_interval(days => %s)
               AND %s AND (%s)
            """,
            offset,
            SQL.identifier(name),
            self.env._("Nobody renews the certificate, which is valid until"),
            f"clouder.{owner}",
            SQL.identifier("environment_id") if base else SQL("NULL::integer"),
            SQL.identifier(f"clouder_{owner}"),
            SOON_DAYS,
            SQL("state NOT IN ('draft', 'purged')") if base else SQL("TRUE"),
            self._unrenewed(),
        )

    def _unrenewed(self):
        """Return the condition (SQL) of certificates that will not be replaced in time."""
        return SQL("TRUE")
