from odoo import fields, models
from odoo.tools import SQL

from ..lib.render import Block, Site
from ..lib.routes import Route

HTTPS = 443
# Plain http to an own domain is redirected when there is a certificate to go on with.
ROUTES = """
    SELECT route_host, route_backend, route_port, coalesce(route_longpolling_port, 0),
           coalesce(route_alias, ''), coalesce(route_secure, false),
           route_state = 'suspended', known_as
      FROM (
        SELECT 1 AS kind, id, route_host, route_backend, route_port,
               route_longpolling_port, route_alias, route_secure, route_state,
               '' AS known_as
          FROM clouder_base_link
         WHERE target = %(proxy)s AND route_state IS NOT NULL
        UNION ALL
        SELECT 2, alias.id, alias.name, link.route_backend, link.route_port,
               link.route_longpolling_port,
               CASE WHEN NOT coalesce(alias.www, false) THEN ''
                    WHEN alias.name LIKE 'www.%%' THEN substr(alias.name, 5)
                    ELSE 'www.' || alias.name END,
               link.route_secure AND alias.cert_cert IS NOT NULL
                    AND alias.cert_key_encrypted IS NOT NULL,
               link.route_state, link.route_host
          FROM clouder_base_alias alias
          JOIN clouder_base_link link ON link.base_id = alias.base_id
         WHERE alias.state = 'working'
           AND link.target = %(proxy)s AND link.route_state IS NOT NULL
      ) route
  ORDER BY kind, id
"""


class ClouderService(models.Model):
    """What a proxy serves, and how it came to that."""

    _inherit = "clouder.service"

    generation_wanted = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="Number of the newest configuration made for this proxy.",
    )
    generation_served = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="Number of the configuration that it was last seen serving.",
    )
    reload_count = fields.Integer(
        string="Reloads",
        readonly=True,
        copy=False,
        help="How often it was given a new configuration.",
    )
    proxy_live = fields.Json(
        readonly=True, copy=False, help="What it was last given, and where."
    )
    proxy_refused = fields.Char(
        readonly=True,
        copy=False,
        help="Digest of the server blocks that nginx refused.",
    )
    proxy_refusal = fields.Text(
        string="Refused configuration",
        readonly=True,
        copy=False,
        help="Why nginx refused the newest server blocks; it serves the former ones.",
    )
    route_count = fields.Integer(string="Routes", compute="_compute_route_count")

    def _compute_route_count(self):
        groups = self.env["clouder.base.link"]._read_group(
            [("target", "in", self.ids), ("route_state", "!=", False)],
            ["target"],
            ["__count"],
        )
        counts = {service.id: count for service, count in groups}
        for service in self:
            service.route_count = counts.get(service.id, 0)

    def _routes(self):
        """Return the routes registered with this proxy, by one query.

        Own domains lead where their bases' routes do. They come after all hosts of
        bases, so none of them takes such a host.

        :return: list of :class:`~..lib.routes.Route`, the oldest link first
        """
        self.ensure_one()
        for model in ("clouder.base.link", "clouder.base.alias"):
            self.env[model].flush_model()
        return list(
            map(Route._make, self.env.execute_query(SQL(ROUTES, proxy=self.id)))
        )

    def _certificate_blocks(self):
        """Return the server blocks of their own that this proxy needs.

        :return: dict of :class:`~..lib.render.Block` to the base or domain whose
            certificate it serves; a base's comes before its domain's, and no own domain
            comes before a base
        """
        self.ensure_one()
        blocks, names = {}, set()
        for record in (
            *self._certified("clouder.base"),
            *self._certified("clouder.base.alias"),
            *self._certified("clouder.domain"),
        ):
            free = tuple(
                name for name in record._certificate_names() if name not in names
            )
            if free:
                blocks[Block(free, record._certificate_token())] = record
            names.update(free)
        return blocks

    def _certified(self, model):
        """Return the records of ``model`` routed by this proxy that have a certificate.

        Few have one, so these are looked for first, by a small index.
        """
        links = {
            "clouder.base": SQL("link.base_id = record.id"),
            "clouder.base.alias": SQL(
                "link.base_id = record.base_id AND record.state = 'working'"
            ),
            "clouder.domain": SQL(
                "link.base_id IN (SELECT id FROM clouder_base WHERE domain_id = record.id)"
            ),
        }
        # sudo: a proxy serves the certificates of all who are linked to it
        records = self.env[model].sudo()
        records.flush_model()
        self.env["clouder.base.link"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT record.id FROM %(table)s record
                 WHERE record.cert_cert IS NOT NULL
                   AND record.cert_key_encrypted IS NOT NULL
                   AND EXISTS (
                       SELECT FROM clouder_base_link link
                        WHERE link.target = %(proxy)s AND link.route_state IS NOT NULL
                          AND %(link)s)
              ORDER BY record.id
                """,
                table=SQL.identifier(records._table),
                proxy=self.id,
                link=links[model],
            )
        )
        found = records.browse(row[0] for row in rows)
        return found.filtered(lambda record: record._certificate_given(self))

    def _site(self):
        """Return the settings of this proxy (:class:`~..lib.render.Site`)."""
        self.ensure_one()
        https = self._published_ports().get("https")
        return Site(
            https_suffix=f":{https}" if https and https != HTTPS else "",
            max_body_size_mb=int(self._option("max_body_size") or 512),
            timeout_s=int(self._option("timeout") or 720),
        )

    def _published_ports(self):
        """Return the ports on the node by their names (dict of str to int)."""
        return {port.name: port.hostport for port in self.port_ids if port.hostport}

    def _environments_routed(self):
        """Return the environments with services whose bases this proxy serves."""
        self.ensure_one()
        links = self.env["clouder.base.link"].search(
            [("target", "=", self.id), ("route_state", "!=", False)]
        )
        return links.base_id.service_id.environment_id

    def action_open_routes(self):
        """Open the routes that this proxy serves."""
        self.ensure_one()
        view = self.env.ref("clouder_template_proxy.clouder_base_link_view_list_routes")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Routes of %s", self.name),
            "res_model": "clouder.base.link",
            "views": [(view.id, "list")],
            "domain": [("target", "=", self.id), ("route_state", "!=", False)],
        }
