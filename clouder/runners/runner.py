import contextlib

from odoo import api, models
from odoo.exceptions import UserError

PREFIX = "clouder.runner."


class RunnerMissingError(UserError):
    """No installed addon provides the runner of a node."""


class RunnerMethodMissingError(UserError):
    """The runner of a node cannot do what an action needs."""


class ClouderRunner(models.AbstractModel):
    """How the work is done on one kind of node.

    An addon adds a runner with ``_name = "clouder.runner.<code>"`` and ``_inherit =
    "clouder.runner"``; a node names it by its code. Every method may be repeated: it
    looks, acts if needed, and leaves data alone. Output goes to the log of the running
    job. Errors are those of :mod:`odoo.addons.clouder.lib.errors`.
    """

    _name = "clouder.runner"
    _description = "Node Runner"

    @api.model
    def _get(self, code):
        """Return the runner ``code`` (str).

        :raise RunnerMissingError: no installed addon provides it
        """
        runner = self.env.get(PREFIX + (code or ""))
        if runner is None:
            raise RunnerMissingError(
                self.env._(
                    "No installed addon provides the runner “%s”: install the addon "
                    "that brings it, or choose another runner for the node.",
                    code,
                )
            )
        return runner

    @api.model
    def _missing(self, method, record):
        return RunnerMethodMissingError(
            self.env._(
                "%(record)s: its runner %(runner)s cannot do “%(method)s”.",
                record=record.display_name,
                runner=self._name,
                method=method,
            )
        )

    @api.private
    def ping(self, node):
        """Ask a node who it is.

        :return: dict of version, cpus, memory (MB)
        :raise EngineUnreachable: it does not answer
        """
        raise self._missing("ping", node)

    @api.private
    def network_ensure(self, service):
        """Have the network of the service's environment on its node."""
        raise self._missing("network_ensure", service)

    @api.private
    def network_join(self, service, environment, aliases):
        """Have the service's container be found from another environment.

        A replaced container joins again by itself.

        :param environment: ``clouder.environment`` whose network it joins
        :param aliases: list of str, its names there besides its own
        """
        raise self._missing("network_join", service)

    @api.private
    def network_leave(self, service, environment):
        """Take the service's container out of another environment's network."""
        raise self._missing("network_leave", service)

    @api.private
    def network_remove(self, environment, node):
        """Remove the network of an environment that has nothing on the node any more."""
        raise self._missing("network_remove", environment)

    @api.private
    def volumes_ensure(self, service):
        """Have the volumes of the service on its node."""
        raise self._missing("volumes_ensure", service)

    @api.private
    def volumes_remove(self, service):
        """Remove the volumes of the service, and with them its data."""
        raise self._missing("volumes_remove", service)

    @api.private
    def volumes_trim(self, service, versions):
        """Remove the volumes that image versions other than ``versions`` filled.

        What a container still holds stays, and so do volumes of no version: data.

        :param versions: names of image versions (list of str)
        :return: names of the volumes that are gone (list of str)
        """
        raise self._missing("volumes_trim", service)

    @api.private
    def volume_fill(self, service):
        """Fill the volumes of the service's image version from it, once."""
        raise self._missing("volume_fill", service)

    @api.private
    def image_ensure(self, version, node, fresh=False):
        """Have an image version on a node: there, pulled or built.

        :param fresh: when it has to be built, use no earlier result, and look for a
            newer release of what it is built on
        :return: str, the image's id on the node
        :raise ImageBuildFailed: carries the end of the build's output
        """
        raise self._missing("image_ensure", version)

    @api.private
    def image_outdated(self, version, node):
        """Return why an image version is no longer the newest (list of str)."""
        raise self._missing("image_outdated", version)

    @api.private
    def image_remove(self, version, node):
        """Remove an image version from a node."""
        raise self._missing("image_remove", version)

    @api.private
    def image_run(self, version, node, argv, **options):
        """Run ``argv`` in a throw-away container of an image version.

        :param options: those of ``run_once`` of :mod:`odoo.addons.clouder.lib.engine`
        :return: ExecResult
        """
        raise self._missing("image_run", version)

    @api.private
    def container_ensure(self, service, spec):
        """Have the container of the service run as ``spec`` says.

        :return: ``created``, ``started``, ``unchanged`` or ``replaced``; the replaced
            one is kept until :meth:`container_commit` or :meth:`container_rollback`
        """
        raise self._missing("container_ensure", service)

    @api.private
    def container_commit(self, service):
        """Remove the replaced container: the new one is proven."""
        raise self._missing("container_commit", service)

    @api.private
    def container_rollback(self, service):
        """Bring the replaced container back, when there is one.

        :return: bool, whether there was one
        """
        raise self._missing("container_rollback", service)

    @api.private
    def container_ready(self, service, argv, deadline):
        """Wait until ``argv`` ends well in the container of the service.

        :param argv: list of str; empty: running is enough
        :param deadline: seconds
        :raise ConditionTimeout: it did not become ready in time
        :raise ContainerStopped: it ended
        """
        raise self._missing("container_ready", service)

    @api.private
    def container_remove(self, service):
        """Remove the container of the service; its volumes stay."""
        raise self._missing("container_remove", service)

    @api.private
    def container_start(self, service):
        """Start the container of the service."""
        raise self._missing("container_start", service)

    @api.private
    def container_stop(self, service):
        """Stop the container of the service."""
        raise self._missing("container_stop", service)

    @api.private
    def container_restart(self, service):
        """Stop and start the container of the service."""
        raise self._missing("container_restart", service)

    @api.private
    def signal(self, service, name):
        """Send a signal, such as ``HUP``, to the main process of the service."""
        raise self._missing("signal", service)

    @api.private
    def observe(self, service):
        """Look at the container of the service.

        :return: dict of state, health, summary (a few words), engine_ref,
            image_digest, started_at; the last three are missing when it is
        """
        raise self._missing("observe", service)

    @api.private
    def exec(
        self,
        service,
        argv,
        stdin=None,
        user=None,
        env=None,
        workdir=None,
        check=True,
        timeout=600,
    ):
        """Run a command in the container of the service.

        :param argv: list of str, never given to a shell, never with a secret
        :param stdin: bytes, sent whole
        :param check: raise on a status other than 0
        :param timeout: seconds
        :return: ExecResult (status, output, error)
        :raise CommandFailed: carries the command, its status and the end of its output
        """
        raise self._missing("exec", service)

    @api.private
    @contextlib.contextmanager
    def exec_meanwhile(self, service, argv, stdin=None, timeout=600):
        """Run a command as ``exec`` does, beside what is done inside of the block.

        The block ends when both have. What the command says is logged then.

        :raise CommandFailed: the command failed, and the block did not
        """
        self.exec(service, argv, stdin=stdin, timeout=timeout)
        yield

    @api.private
    def files_put(self, service, files):
        """Put files into the container of the service.

        :param files: list of :class:`~odoo.addons.clouder.lib.spec.File`
        """
        raise self._missing("files_put", service)

    @api.private
    def file_get(self, service, path):
        """Return the content (bytes) of a file of the service's container."""
        raise self._missing("file_get", service)

    @api.private
    def port_address(self, service, port_name):
        """Return where this process reaches a port of the service.

        :param port_name: name of the port line
        :return: (address, port number)
        :raise EngineRefused: it cannot be reached from here
        """
        raise self._missing("port_address", service)

    @api.private
    def http_get(
        self, service, port_name, host, path, tls=False, timeout=10, ca_pem=""
    ):
        """Ask a port of the service for a page, from here; redirects are not followed.

        :param port_name: name of the port line
        :param host: what the request is for
        :param ca_pem: with ``tls``: the one certificate to trust, whatever its name
        :return: (status, headers by lower-case name, body)
        :raise HttpFailed: no answer
        """
        raise self._missing("http_get", service)

    @api.private
    def tls_certificate(self, service, port_name, host, timeout=10):
        """Return the certificate (DER bytes) that a port of the service shows for ``host``.

        :raise HttpFailed: no answer, or none with a certificate
        """
        raise self._missing("tls_certificate", service)

    @api.private
    def http_knock(self, service, port_name, host, path, times=1):
        """Ask for a page ``times`` times at once, and do not wait for the answers.

        What starts slowly can get ready meanwhile. It promises nothing: a runner that
        cannot do it does nothing.
        """

    @api.private
    def host_port_free(self, node, port):
        """Tell whether nothing on the node listens on TCP port ``port`` (int)."""
        raise self._missing("host_port_free", node)
