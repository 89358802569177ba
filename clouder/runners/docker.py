import time

from odoo import api, models

from ..lib import labels, names
from ..lib.engine import Engine, Tls

CANCEL_SECONDS = 1


class ClouderRunnerDocker(models.AbstractModel):
    """Nodes with a Docker Engine: on this machine's socket, or far away over TLS."""

    _name = "clouder.runner.docker"
    _inherit = "clouder.runner"
    _description = "Docker Runner"

    @api.model
    def _engine(self, node):
        """Return the kept-alive engine of ``node``."""
        # sudo: the address and keys of a node are for administrators; the engine needs them
        node = node.sudo()
        key = node._secret("tls_key")
        tls = Tls(node.tls_ca or "", node.tls_cert or "", key) if key else None
        return Engine.get(node.engine_url, tls)

    @api.model
    def _database(self):
        """Return the uuid that labels what belongs to this database."""
        # sudo: a system parameter, which jobs of every role need
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    @api.model
    def _labels(self, record):
        return labels.owner_labels(self._database(), record._name, record.id)

    @api.model
    def _log(self, text, level="output"):
        self.env["clouder.job"]._log(text, level)

    @api.model
    def _canceller(self):
        """Return what engine calls ask, often, whether the job was cancelled.

        The question costs a look into the database, so it is put once a second; what
        is shorter is not disturbed at all.
        """
        asked = time.monotonic()

        def ask():
            nonlocal asked
            if time.monotonic() - asked >= CANCEL_SECONDS:
                asked = time.monotonic()
                self.env["clouder.job"]._check_cancelled()

        return ask

    @api.model
    def _listener(self):
        """Return what takes the lines of long work, and stops it when cancelled."""
        ask = self._canceller()

        def listen(line):
            ask()
            self._log(line)

        return listen

    @api.private
    def ping(self, node):
        engine = self._engine(node)
        engine.ping()
        info = engine.info()
        return {**info, "version": info["engine_version"]}

    @api.private
    def network_ensure(self, service):
        self._network_of(service.environment_id, service.node_id)

    @api.model
    def _network_of(self, environment, node):
        """Have the network of an environment on a node, and return its name."""
        name = names.network_name(environment.prefix)
        self._engine(node).network_ensure(name, self._labels(environment))
        return name

    @api.private
    def network_join(self, service, environment, aliases):
        network = self._network_of(environment, service.node_id)
        engine = self._engine_of(service)
        if engine.network_join(network, service.name, aliases):
            self._log(f"{service.name} joined {network} as {', '.join(aliases)}")

    @api.private
    def network_leave(self, service, environment):
        network = names.network_name(environment.prefix)
        if self._engine_of(service).network_leave(network, service.name):
            self._log(f"{service.name} left {network}")

    @api.private
    def network_remove(self, environment, node):
        network = names.network_name(environment.prefix)
        if self._engine(node).network_remove(network, self._labels(environment)):
            self._log(f"Network {network} is gone")
