from odoo import fields, models

from ..lib.routes import Route

# Visitors of these read a page instead.
CLOSED = ("suspended", "stopped")


class ClouderBaseLink(models.Model):
    """The route that a base link registered with a proxy."""

    _inherit = "clouder.base.link"

    route_state = fields.Selection(
        [("served", "Served"), ("suspended", "Suspended")], readonly=True, copy=False
    )
    route_host = fields.Char(readonly=True, copy=False)
    route_alias = fields.Char(readonly=True, copy=False)
    route_backend = fields.Char(readonly=True, copy=False)
    route_port = fields.Integer(readonly=True, copy=False, aggregator=None)
    route_longpolling_port = fields.Integer(readonly=True, copy=False, aggregator=None)
    route_secure = fields.Boolean(readonly=True, copy=False)
    route_pending = fields.Boolean(
        readonly=True,
        copy=False,
        help="The route was registered or withdrawn, and this was not yet published.",
    )
    route_generation = fields.Integer(
        string="Generation",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The configuration of the proxy with which the route was proven.",
    )

    _route_idx = models.Index("(target, id) WHERE route_state IS NOT NULL")

    def _register_route(self, backend):
        """Note the route of this link's base, if it differs from what is noted.

        :param dict backend: what the base's driver said in ``base_backend``
        :raise RouteRefused: a value nginx's configuration must not hold
        """
        base = self.base_id
        host, *aliases = base._host_names()
        route = Route(
            host=host,
            backend=backend["host"],
            port=backend["port"],
            longpolling_port=backend.get("longpolling_port") or 0,
            alias=next(iter(aliases), ""),
            secure=base.ssl_only,
        ).check()
        self._write_route(
            {
                "route_state": "suspended" if self._is_closed() else "served",
                "route_host": route.host,
                "route_alias": route.alias,
                "route_backend": route.backend,
                "route_port": route.port,
                "route_longpolling_port": route.longpolling_port,
                "route_secure": route.secure,
            }
        )

    def _withdraw_route(self):
        """Take the route back."""
        self._write_route({"route_state": False})

    def _suspend_route(self):
        """Have visitors read a page instead of the base."""
        if self.route_state:
            self._write_route({"route_state": "suspended"})

    def _is_closed(self):
        """Tell whether the base turns visitors away, whatever is done to its links."""
        return self.base_id.wanted in CLOSED

    def _answers_visitors(self):
        """Tell whether visitors reach the proxy under the base's name."""
        return self.route_state == "served" or bool(
            self.route_state and self._is_closed()
        )

    def _write_route(self, values):
        changed = {
            name: new
            for name, new in values.items()
            if (self[name] or False) != (new or False)
        }
        if changed:
            self.write({**changed, "route_pending": True})

    def _is_published(self):
        """Tell whether this link has a route, or had one that may still be served."""
        routed = bool(self.target and (self.route_state or self.route_pending))
        return super()._is_published() or routed
