import ipaddress
import socket

from odoo import api, models

from ..lib import names
from ..lib.errors import ClouderError, EngineMissing, EngineRefused
from ..lib.http import http_get, http_knock, tls_certificate

LOCAL = "127.0.0.1"
UNIX = "unix://"
KNOCK_SECONDS = 1


class ClouderRunnerDocker(models.AbstractModel):
    """Ports: who listens, and what they answer."""

    _inherit = "clouder.runner.docker"

    @api.private
    def http_get(
        self, service, port_name, host, path, tls=False, timeout=10, ca_pem=""
    ):
        address, number = self.port_address(service, port_name)
        return http_get(address, number, host, path, tls, ca_pem, timeout)

    @api.private
    def tls_certificate(self, service, port_name, host, timeout=10):
        address, number = self.port_address(service, port_name)
        return tls_certificate(address, number, host, timeout)

    @api.private
    def http_knock(self, service, port_name, host, path, times=1):
        try:
            address, number = self.port_address(service, port_name)
        except ClouderError as error:
            self._log(str(error))
            return
        http_knock(address, number, host, path, times)

    @api.private
    def port_address(self, service, port_name):
        """Return where this process reaches a port of the service.

        A published port is asked where everybody asks it; another one inside of the
        container, which works on the node that is this machine.
        """
        port = service.port_ids.filtered(lambda line: line.name == port_name)
        if not port:
            raise EngineRefused(f"{service.name} has no port called {port_name}.")
        if port.hostport and port.expose == "internet":
            return self._node_address(service.node_id), port.hostport
        # sudo: the address of a node is for administrators; the engine needs it
        if not service.node_id.sudo().engine_url.startswith(UNIX):
            raise EngineRefused(
                f"Port {port_name} of {service.name} is not published, so it is not "
                f"reached from here on node {service.node_id.name}.",
                "Expose the port to the Internet, or ask through the proxy.",
            )
        return self._container_address(service), port.local_port

    @api.model
    def _node_address(self, node):
        """Return the address of the ports that are published on ``node``."""
        published = node.publish_ip
        if published and not ipaddress.ip_address(published).is_unspecified:
            return published
        # sudo: the address of a node is for administrators; the engine needs it
        if node.sudo().engine_url.startswith(UNIX):
            return LOCAL
        return node.private_ip or node.public_ip or node.name

    @api.model
    def _container_address(self, service):
        found = self._engine(service.node_id).container_inspect(service.name)
        own = names.network_name(service.environment_id.prefix)
        ends = (found or {}).get("NetworkSettings", {}).get("Networks") or {}
        address = ends.get(own, {}).get("IPAddress")
        if not address:
            raise EngineMissing(f"The container {service.name} does not run.")
        return address

    @api.private
    def host_port_free(self, node, port):
        if port in self._engine(node).host_ports():
            return False
        # sudo: the address of a node is for administrators; the engine needs it
        if node.sudo().engine_url.startswith(UNIX):
            return self._bindable(node.publish_ip or "0.0.0.0", port)  # noqa: S104
        try:
            with socket.create_connection(
                (self._node_address(node), port), KNOCK_SECONDS
            ):
                return False
        except OSError:
            return True

    @api.model
    def _bindable(self, address, port):
        """Tell whether this machine could listen on a port."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((address, port))
            except OSError:
                return False
        return True
