from odoo import fields, models
from odoo.tools import SQL


class ClouderProblem(models.Model):
    """What is wrong now: one line for each record that needs somebody's attention."""

    _name = "clouder.problem"
    _description = "Problem"
    _auto = False
    _order = "since desc, id"
    _depends = {
        "clouder.service": ["state", "error", "name", "environment_id"],
        "clouder.base": ["state", "error", "fulldomain", "environment_id"],
        "clouder.service.link": ["state", "reason", "code", "service_id"],
        "clouder.base.link": ["state", "reason", "code", "base_id"],
        "clouder.node": ["state", "error", "name"],
        "clouder.image.version": ["state", "error", "reference"],
        "clouder.job": ["state", "error", "name", "environment_id"],
    }

    name = fields.Char(readonly=True)
    kind = fields.Selection(
        [
            ("node", "Node offline"),
            ("service", "Service failed"),
            ("base", "Base failed"),
            ("link", "Link broken"),
            ("image", "Image not built"),
            ("job", "Job tried again"),
        ],
        readonly=True,
    )
    error = fields.Char(string="What is wrong", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", readonly=True
    )
    environment_id = fields.Many2one("clouder.environment", readonly=True)
    since = fields.Datetime(readonly=True)

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            SQL("(%s)", query)
            for query in (
                self._hosted_query("service", "name", 0),
                self._hosted_query("base", "fulldomain", 1),
                self._link_query("service", "name", 2),
                self._link_query("base", "fulldomain", 3),
                self._node_query(),
                self._version_query(),
                self._job_query(),
            )
        )

    @staticmethod
    def _hosted_query(kind, name, offset):
        """Return the query of services or bases with an error; ids are made unique."""
        return SQL(
            """
            SELECT id * 8 + %s AS id, %s AS name, %s AS kind, error,
                   %s AS res_model, id AS res_id, environment_id, write_date AS since
              FROM %s
             WHERE (state = 'failed' OR error IS NOT NULL) AND state != 'deploying'
            """,
            offset,
            SQL.identifier(name),
            kind,
            f"clouder.{kind}",
            SQL.identifier(f"clouder_{kind}"),
        )

    @staticmethod
    def _link_query(owner, name, offset):
        return SQL(
            """
            SELECT link.id * 8 + %s, concat(owner.%s, ' → ', link.code), 'link',
                   link.reason, %s, owner.id, owner.environment_id,
                   coalesce(link.probed_at, link.write_date)
              FROM %s link JOIN %s owner ON owner.id = link.%s
             WHERE link.state = 'broken'
            """,
            offset,
            SQL.identifier(name),
            f"clouder.{owner}",
            SQL.identifier(f"clouder_{owner}_link"),
            SQL.identifier(f"clouder_{owner}"),
            SQL.identifier(f"{owner}_id"),
        )

    @staticmethod
    def _node_query():
        return SQL(
            """
            SELECT id * 8 + 4, name, 'node', error, 'clouder.node', id, NULL::integer,
                   coalesce(last_seen, write_date)
              FROM clouder_node WHERE state = 'offline'
            """
        )

    @staticmethod
    def _version_query():
        return SQL(
            """
            SELECT id * 8 + 5, reference, 'image', error, 'clouder.image.version', id,
                   NULL::integer, write_date
              FROM clouder_image_version WHERE state = 'failed'
            """
        )

    @staticmethod
    def _job_query():
        return SQL(
            """
            SELECT id * 8 + 6, name, 'job', error, 'clouder.job', id, environment_id,
                   write_date
              FROM clouder_job WHERE state = 'retrying' AND error IS NOT NULL
            """
        )

    def action_open_record(self):
        """Open the record that has the problem."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)._get_records_action()
