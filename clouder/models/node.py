import ipaddress
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import names
from .name_checks import check_names
from .usage import refuse_used

ENGINE_URL = re.compile(
    r"unix:///[A-Za-z0-9._/-]+"
    r"|tcp://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}"
    r"|ssh://(?:[a-z_][a-z0-9_-]*@)?[A-Za-z0-9.-]+(?::[0-9]{1,5})?",
    re.ASCII,
)


class ClouderNode(models.Model):
    """A machine with a container engine on which services run."""

    _name = "clouder.node"
    _inherit = [
        "clouder.reference.mixin",
        "clouder.job.mixin",
        "clouder.secret.mixin",
        "mail.thread",
    ]
    _description = "Node"
    _order = "name, id"

    name = fields.Char(required=True, help="The node's host name.")
    runner = fields.Char(
        required=True, default="docker", help="Code of the runner that does the work."
    )
    engine_url = fields.Char(
        string="Engine",
        required=True,
        default="unix:///var/run/docker.sock",
        groups="clouder.group_administrator",
        help="unix:///path of a socket of this machine, or tcp://host:port with TLS.",
    )
    tls_ca = fields.Text(
        string="TLS authority",
        groups="clouder.group_administrator",
        help="The certificate (PEM) that signed the engine's own one.",
    )
    tls_cert = fields.Text(
        string="TLS certificate",
        groups="clouder.group_administrator",
        help="The certificate (PEM) that Clouder shows to the engine.",
    )
    tls_key = fields.Text(
        string="TLS key",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="clouder.group_administrator",
        copy=False,
    )
    tls_key_encrypted = fields.Text(groups=fields.NO_ACCESS, copy=False)
    public_ip = fields.Char(
        string="Public IP", help="What the names of bases point to."
    )
    private_ip = fields.Char(string="Private IP", help="How other nodes reach it.")
    publish_ip = fields.Char(
        string="Publish on",
        help="The address on which ports are published; all addresses if empty.",
    )
    start_port = fields.Integer(string="First port", default=20000, required=True)
    end_port = fields.Integer(string="Last port", default=29999, required=True)
    public = fields.Boolean(help="All users may use it.")
    environment_ids = fields.Many2many(
        "clouder.environment",
        "clouder_node_environment_rel",
        "node_id",
        "environment_id",
        string="Environments",
        help="People of these environments may use the node.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Manager",
        default=lambda self: self.env.user.partner_id,
        ondelete="restrict",
        index=True,
    )
    state = fields.Selection(
        [("unknown", "Never seen"), ("online", "Online"), ("offline", "Offline")],
        required=True,
        default="unknown",
        readonly=True,
        copy=False,
        tracking=True,
    )
    last_seen = fields.Datetime(readonly=True, copy=False)
    error = fields.Char(readonly=True, copy=False)
    engine_version = fields.Char(readonly=True, copy=False)
    cpus = fields.Integer(string="CPUs", readonly=True, copy=False)
    memory = fields.Integer(string="Memory (MB)", readonly=True, copy=False)
    service_ids = fields.One2many("clouder.service", "node_id")
    service_count = fields.Integer(compute="_compute_service_count")

    _name_uniq = models.Constraint(
        "UNIQUE (name)", "Another node has this name already."
    )
    _port_range = models.Constraint(
        "CHECK (start_port BETWEEN 1024 AND 65535 "
        "AND end_port BETWEEN start_port AND 65535)",
        "The ports of a node are between 1024 and 65535, the first one not after the last.",
    )

    def _compute_service_count(self):
        groups = self.env["clouder.service"]._read_group(
            [("node_id", "in", self.ids)], ["node_id"], ["__count"]
        )
        counts = {node.id: count for node, count in groups}
        for node in self:
            node.service_count = counts.get(node.id, 0)

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_node_name)

    @api.constrains("runner")
    def _check_runner(self):
        for node in self:
            if f"clouder.runner.{node.runner}" not in self.env:
                raise ValidationError(
                    self.env._(
                        "No installed addon provides the runner %s.",
                        names.shown(node.runner),
                    )
                )

    @api.constrains("engine_url")
    def _check_engine_url(self):
        # sudo: the address is for administrators, a check is for every writer
        for node in self.sudo():
            if not ENGINE_URL.fullmatch(node.engine_url):
                raise ValidationError(
                    self.env._(
                        "%s is no address of an engine. Write "
                        "unix:///var/run/docker.sock or tcp://host:2376.",
                        names.shown(node.engine_url),
                    )
                )

    @api.constrains("public_ip", "private_ip", "publish_ip")
    def _check_addresses(self):
        for node in self:
            for address in filter(
                None, (node.public_ip, node.private_ip, node.publish_ip)
            ):
                try:
                    ipaddress.ip_address(address)
                except ValueError as error:
                    raise ValidationError(
                        self.env._("%s is no IP address.", names.shown(address))
                    ) from error

    def _public_addresses(self):
        """Return the addresses that host names on this node point to (list of str)."""
        self.ensure_one()
        if self.public_ip:
            return [self.public_ip]
        published = self.publish_ip
        if published and not ipaddress.ip_address(published).is_unspecified:
            return [published]
        return []

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: what is used by records of others may not go either
        for node in self.sudo():
            # sudo: what is used by records of others may not go either
            refuse_used(
                node,
                [
                    node.service_ids,
                    self.env["clouder.application"]
                    .sudo()
                    .with_context(active_test=False)
                    .search([("next_node_id", "=", node.id)]),
                ],
            )

    def check(self):
        """Look whether the node answers, and note what its engine says.

        :return: the id of the job (int)
        :raise UserError: another job works on the node
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: checked above; jobs are written by Clouder alone
        return self.sudo()._enqueue("check").id

    def action_check(self):
        """Look whether these nodes answer."""
        for node in self:
            node.check()
        return True

    def action_open_services(self):
        """Open the services on this node."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clouder.clouder_service_action"
        )
        return {
            **action,
            "domain": [("node_id", "in", self.ids)],
            "context": {"default_node_id": self.id},
        }

    def _job_steps(self, action):
        return [(self, "check")] if action == "check" else []

    def _hook_title(self, hook):
        return self.env._("Ask the engine who it is")

    def _hook_locks(self, hook):
        return []

    def _job_node(self):
        return self

    def _run_hook(self, hook):
        """Ask the engine who it is, and note the answer (the only step of ``check``)."""
        if hook != "check":
            raise NotImplementedError(hook)
        self._look()

    def _look(self):
        """Note what the engine of this node says of itself."""
        runner = self.env["clouder.runner"]._get(self.runner)
        self._note_online(runner.ping(self))

    def _note_online(self, info):
        """Note what the engine of this node said.

        :param dict info: ``version``, ``cpus``, ``memory`` (MB)
        """
        self.write(
            {
                "state": "online",
                "error": False,
                "last_seen": fields.Datetime.now(),
                "engine_version": info.get("version"),
                "cpus": info.get("cpus"),
                "memory": info.get("memory"),
            }
        )

    def _note_offline(self, error):
        """Note that this node does not answer, and why (str)."""
        self.write({"state": "offline", "error": error})

    def _job_ended(self, job):
        if job.action == "check" and job.state == "failed":
            self._note_offline(job.error)
