from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..lib import names
from .name_checks import check_names, check_paths


class ClouderServiceLine(models.AbstractModel):
    """A line of a service whose change must be applied by a deployment."""

    _name = "clouder.service.line"
    _inherit = ["clouder.reference.mixin"]
    _description = "Service Line"

    service_id = fields.Many2one(
        "clouder.service", required=True, ondelete="cascade", index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.service_id._mark_to_apply()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if set(vals) & self._settings():
            self.service_id._mark_to_apply()
        return result

    def unlink(self):
        self.service_id._mark_to_apply()
        return super().unlink()

    @api.model
    def _settings(self):
        """Return the names of the fields that a deployment must apply."""
        return {
            "value",
            "hostport",
            "local_port",
            "expose",
            "udp",
            "localpath",
            "target",
        }


class ClouderServiceOption(models.Model):
    _name = "clouder.service.option"
    _inherit = ["clouder.service.line", "clouder.option.mixin"]
    _description = "Service Option"

    _name_uniq = models.Constraint(
        "UNIQUE (service_id, name)", "A service has each option once."
    )


class ClouderServicePort(models.Model):
    _name = "clouder.service.port"
    _inherit = ["clouder.service.line"]
    _description = "Service Port"
    _order = "service_id, local_port"

    name = fields.Char(required=True)
    local_port = fields.Integer(required=True, string="Port in the container")
    hostport = fields.Integer(
        string="Port on the node",
        aggregator=None,
        # A port exists once on a node: a copy of the service gets one of its own.
        copy=False,
        help="0: a free one of the node's range is chosen.",
    )
    expose = fields.Selection(
        [("internet", "Published on the node"), ("local", "In the network only")],
        default="local",
        required=True,
    )
    udp = fields.Boolean(string="UDP")
    node_id = fields.Many2one(related="service_id.node_id", store=True, index=True)

    _name_uniq = models.Constraint(
        "UNIQUE (service_id, name)", "A service has each port name once."
    )
    _hostport_uniq = models.UniqueIndex(
        "(node_id, hostport, udp) WHERE hostport > 0 AND expose = 'internet'",
        "Another service of this node has this port already.",
    )
    _port_valid = models.Constraint(
        "CHECK (local_port BETWEEN 1 AND 65535 AND hostport BETWEEN 0 AND 65535)",
        "A port is a number from 1 to 65535.",
    )

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_tag_code)

    def _allot_hostports(self):
        """Give each published port without a number a free one of its node's range."""
        for port in self.filtered(lambda one: one.expose == "internet"):
            if not port.hostport:
                port.hostport = port._free_hostport()

    def _give_back_hostports(self):
        """Free the ports that were chosen out of their node's range."""
        self.filtered(
            lambda one: one.node_id.start_port <= one.hostport <= one.node_id.end_port
        ).hostport = 0

    def _free_hostport(self):
        """Return a free port of the node; one that is TCP and UDP has one number."""
        node, twins = self.node_id, self._twins()
        taken = self._taken_hostports(self + twins)
        for number in filter(None, twins.mapped("hostport")):
            if number not in taken:
                return number
        for number in range(node.start_port, node.end_port + 1):
            if number not in taken:
                return number
        raise UserError(
            self.env._(
                "Node %(node)s has no free port left between %(start)s and %(end)s: "
                "widen its port range.",
                node=node.name,
                start=node.start_port,
                end=node.end_port,
            )
        )

    def _taken_hostports(self, own):
        """Return the numbers that lines of the node but ``own`` have, of own's protocols.

        What others chose since this transaction began counts, too: who chooses a port of
        the same node waits here until the other one has ended.
        """
        self._lock_hostports()
        domain = [
            ("node_id", "=", self.node_id.id),
            ("hostport", ">", 0),
            ("udp", "in", own.mapped("udp")),
            ("id", "not in", own.ids),
        ]
        with self.env.registry.cursor() as cr:
            committed = api.Environment(cr, SUPERUSER_ID, {})[self._name]
            # sudo: a port is taken whoever has it
            return {
                line.hostport
                for lines in (self.sudo(), committed)
                for line in lines.search(domain)
            }

    def _lock_hostports(self):
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                f"ports of node {self.node_id.id}",
            )
        )

    def _twins(self):
        """Return the line of the same port over the other protocol, when published."""
        return self.service_id.port_ids.filtered(
            lambda line: (
                line.local_port == self.local_port
                and line.udp != self.udp
                and line.expose == "internet"
            )
        )

    @api.constrains("hostport", "expose", "service_id")
    def _check_hostport(self):
        for port in self:
            if port.hostport and port.expose != "internet":
                raise ValidationError(
                    self.env._(
                        "Port %s is not published: it cannot have a port on the node.",
                        port.name,
                    )
                )
            if port.hostport and not port.service_id._may_publish(port.hostport):
                node = port.service_id.node_id
                raise ValidationError(
                    self.env._(
                        "Port %(port)s of node %(node)s is not yours to publish: choose "
                        "one from %(start)s to %(end)s, or ask an administrator.",
                        port=port.hostport,
                        node=node.name,
                        start=node.start_port,
                        end=node.end_port,
                    )
                )


class ClouderServiceVolume(models.Model):
    _name = "clouder.service.volume"
    _inherit = ["clouder.service.line"]
    _description = "Service Volume"
    _order = "service_id, localpath"

    name = fields.Char(required=True)
    localpath = fields.Char(required=True, string="Path in the container")
    user = fields.Char(help="Owner of the files.")
    readonly = fields.Boolean()
    no_backup = fields.Boolean(string="Not backed up")

    _name_uniq = models.Constraint(
        "UNIQUE (service_id, name)", "A service has each volume name once."
    )

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_volume_line)

    @api.constrains("user")
    def _check_user(self):
        check_names(self, "user", names.check_system_user)

    @api.constrains("localpath")
    def _check_localpath(self):
        check_paths(self, "localpath")
