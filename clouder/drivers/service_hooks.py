from odoo import api, models

from .driver import nothing_by_default

DEPLOY_PROCESS = (
    "service_image",
    "service_storage",
    "service_prepare",
    "service_links",
    "service_container",
    "service_ready",
    "service_configure",
    "service_probe",
)
PURGE = ("service_needed", "service_withdraw", "service_purge", "service_remove")


class ClouderDriver(models.AbstractModel):
    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        """Add the life of a service, by the form it has in Docker.

        ``process``: a container · ``volumes``: data without a process · ``files``: a
        volume for each image version · ``none``: nothing of its own.
        """
        model = "clouder.service"
        return super()._phases() | {
            (model, "deploy", "process"): DEPLOY_PROCESS,
            (model, "deploy", "volumes"): ("service_storage",),
            (model, "deploy", "files"): ("service_image", "service_fill"),
            (model, "deploy", "none"): (
                "service_prepare",
                "service_links",
                "service_configure",
                "service_probe",
            ),
            (model, "update", "process"): ("service_update", *DEPLOY_PROCESS),
            (model, "update", "files"): (
                "service_update",
                "service_image",
                "service_fill",
            ),
            (model, "purge"): PURGE,
            (model, "purge_data"): (*PURGE, "service_remove_data"),
            (model, "stop"): ("service_stop",),
            (model, "start"): ("service_start",),
            (model, "restart"): ("service_restart",),
        }

    @api.model
    def _titles(self):
        return super()._titles() | {
            "service_image": self.env._("Get the image"),
            "service_storage": self.env._("Make network and volumes"),
            "service_prepare": self.env._("Prepare"),
            "service_links": self.env._("Set up the links"),
            "service_container": self.env._("Start the container"),
            "service_ready": self.env._("Wait until it is healthy"),
            "service_configure": self.env._("Configure"),
            "service_probe": self.env._("Probe the links"),
            "service_fill": self.env._("Fill the files volume"),
            "service_update": self.env._("Update"),
            "service_bases": self.env._("Update the bases"),
            "service_needed": self.env._("See that nobody needs it"),
            "service_withdraw": self.env._("Withdraw the links"),
            "service_purge": self.env._("Say goodbye"),
            "service_remove": self.env._("Remove the container"),
            "service_remove_data": self.env._("Remove the volumes"),
            "service_stop": self.env._("Stop"),
            "service_look": self.env._("Look what still works"),
            "service_start": self.env._("Start"),
            "service_restart": self.env._("Restart"),
        }

    @api.private
    def service_image(self, service):
        """Have the image version of the service on its node: pulled, built or there."""
        service._ensure_image()

    @api.private
    def service_storage(self, service):
        """Have the network of the environment and the volumes of the service."""
        runner = service._runner()
        runner.network_ensure(service)
        runner.volumes_ensure(service)

    @api.private
    @nothing_by_default
    def service_prepare(self, service):
        """Do what must be done before the container starts."""

    @api.private
    def service_links(self, service):
        """Set up the links of the service, both sides."""
        service._deploy_links()

    @api.private
    def service_spec(self, service, spec):
        """Amend the wanted container: environment, command, mounts, health check.

        Pure: it looks at records only.

        :param spec: :class:`~odoo.addons.clouder.lib.spec.ContainerSpec` from the records
        :return: the amended spec (``dataclasses.replace``)
        """
        return spec

    @api.private
    def service_files(self, service):
        """Return the configuration files of the container, rendered whole from records.

        A changed file replaces the container, as a changed image does.

        :return: list of :class:`~odoo.addons.clouder.lib.spec.File`
        """
        return []

    @api.private
    def service_health(self, service):
        """Return the command (argv) that succeeds inside a healthy container.

        An empty list: running is all that is asked for.
        """
        return []

    @api.private
    def service_container(self, service):
        """Have the wanted container; the one it replaces is kept until health is proven."""
        service._ensure_container()

    @api.private
    def service_ready(self, service):
        """Wait until the container is healthy; go back to the old one when it is not."""
        service._ensure_ready()

    @api.private
    @nothing_by_default
    def service_configure(self, service):
        """Configure the running container."""

    @api.private
    def service_probe(self, service):
        """Look from the consumer's side whether the links of the service work."""
        service.link_ids._probe_all()

    @api.private
    def service_fill(self, service):
        """Fill the volume of the service's image version, beside the former one."""
        runner = service._runner()
        runner.network_ensure(service)
        runner.volume_fill(service)

    @api.private
    def service_update(self, service):
        """Move the service to a newer image, when there is one."""
        service._update_image()

    @api.private
    def service_code(self, service):
        """Return what tells the code that the bases of ``service`` run from any other.

        :return: str, compared with the ``code_digest`` of the bases; empty: unknown
        """
        return ""

    @api.private
    def service_bases(self, service):
        """Queue the update of the bases whose code changed."""
        service._update_bases()

    @api.private
    def service_needed(self, service):
        """Refuse to go on when something began to need it since the purge was asked for."""
        service._check_not_needed()

    @api.private
    def service_withdraw(self, service):
        """Undo the links of the service."""
        service.link_ids._withdraw_all()

    @api.private
    @nothing_by_default
    def service_purge(self, service):
        """Do what must be done before the container is removed."""

    @api.private
    def service_remove(self, service):
        """Remove the container; its volumes stay."""
        service._runner().container_remove(service)

    @api.private
    def service_remove_data(self, service):
        """Remove the volumes of the service, and with them its data."""
        service._runner().volumes_remove(service)

    @api.private
    def service_abort(self, service):
        """Take away what a first deployment that failed left; nothing of it was used."""
        service._abort_deployment()

    @api.private
    def service_look(self, service):
        """Look, after a job that failed, whether what was there before works."""
        service._look_after_failure()

    @api.private
    def service_stop(self, service):
        """Stop the container."""
        service._runner().container_stop(service)

    @api.private
    def service_start(self, service):
        """Start the container and wait until it is healthy."""
        service._runner().container_start(service)
        service._ensure_ready()

    @api.private
    def service_restart(self, service):
        """Stop and start the container and wait until it is healthy."""
        service._runner().container_restart(service)
        service._ensure_ready()
