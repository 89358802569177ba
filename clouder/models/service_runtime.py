import dataclasses

from odoo import fields, models
from odoo.exceptions import UserError

from .. import keyring
from ..lib import labels, names
from ..lib.errors import ClouderError
from ..lib.spec import ContainerSpec, File, Limits, Mount, Port

CONFIG_PATH = "/etc/clouder"
READY_SECONDS = 120
DEFAULT_PIDS = 512


class ClouderService(models.Model):
    """What the steps of a job do with a service on its node."""

    _inherit = "clouder.service"

    def _driver(self):
        return self.env["clouder.driver"]._get(self.type_id.driver)

    def _runner(self):
        """Return the runner of the service's node."""
        return self.env["clouder.runner"]._get(self.node_id.runner)

    def _ensure_image(self):
        """Have an image version, and have it on the node of the service."""
        if not self.image_id:
            raise UserError(
                self.env._(
                    "Service %(service)s has no image, and its application "
                    "%(application)s names no default image.",
                    service=self.name,
                    application=self.application_id.name,
                )
            )
        if not self.image_version_id:
            newest = self.image_id._newest_version()
            self.image_version_id = newest or self.image_id._new_version(
                self.application_id
            )
        self._runner().image_ensure(self.image_version_id, self.node_id)

    def _labels(self):
        """Return the labels that say a container or volume is this service's."""
        # sudo: a system parameter, which jobs of every role need
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return {
            labels.LABEL_DATABASE: uuid,
            labels.LABEL_RECORD: f"{self._name},{self.id}",
        }

    def _base_spec(self):
        """Return the wanted container as the records say, before the driver amends it."""
        placement = self.image_version_id._placement(self.node_id)
        return ContainerSpec(
            name=self.name,
            image=self.image_version_id.reference,
            image_id=placement.digest or "",
            env=self._container_env(),
            labels=self._labels(),
            mounts=self._mounts(),
            ports=self._port_bindings(),
            network=names.network_name(self.environment_id.prefix),
            limits=Limits(
                memory_mb=self.memory_limit,
                cpus=self.cpu_limit,
                pids=self.pids_limit or DEFAULT_PIDS,
            ),
            files=(),
            hostname=self.name,
        )

    def _spec(self):
        """Return the container that is wanted now, the driver's part included.

        Configuration files lie in a volume without a name that lives and dies with the
        container: so the root file system stays read-only, and a container that is put
        back finds its own configuration again.
        """
        driver = self._driver()
        spec = driver.service_spec(self, self._base_spec())
        if not spec.user:
            spec = dataclasses.replace(spec, user=self.type_id.system_user)
        files = (*spec.files, *driver.service_files(self), *self._option_files())
        if not files:
            return spec
        config = Mount(volume="", target=CONFIG_PATH)
        return dataclasses.replace(spec, files=files, mounts=(*spec.mounts, config))

    def _container_options(self):
        """Return the (definition, value) pairs that reach the container."""
        for option in self.application_id._options("container"):
            value = self._option(option.definition.name)
            if value:
                yield option.definition, value

    def _container_env(self):
        return {
            definition.name.upper(): value
            for definition, value in self._container_options()
            if not definition.secret
        }

    def _option_files(self):
        return tuple(
            File(
                path=f"{CONFIG_PATH}/options/{definition.name}",
                content=value.encode(),
                mode=0o444,
                secret=True,
            )
            for definition, value in self._container_options()
            if definition.secret
        )

    def _volume_name(self, volume):
        """Return the name in Docker of one volume line of this service."""
        if self._form() != "files":
            return names.volume_name(self.name, volume.name)
        return names.volume_name(self.name, volume.name, self.image_version_id.name)

    def _mounted_volumes(self):
        """Return the own volumes and those of the siblings that the image asks for.

        :return: list of (service that owns it, volume line)
        """
        services = self
        for tag in self.image_id._volumes_from_tags():
            services |= self._siblings_with_tags([tag])
        return [
            (service, volume) for service in services for volume in service.volume_ids
        ]

    def _mounts(self):
        return tuple(
            Mount(
                volume=service._volume_name(volume),
                target=volume.localpath,
                readonly=volume.readonly
                or (service != self and service._form() == "files"),
            )
            for service, volume in self._mounted_volumes()
        )

    def _port_bindings(self):
        return tuple(
            Port(
                container_port=port.local_port,
                protocol="udp" if port.udp else "tcp",
                host_ip=self.node_id.publish_ip or "",
                host_port=port.hostport,
            )
            for port in self.port_ids
            if port.hostport and port.expose == "internet"
        )

    def _ensure_container(self):
        """Have the wanted container; note what was done."""
        spec = self._spec()
        outcome = self._runner().container_ensure(self, spec)
        self.env["clouder.job"]._log(f"{self.name}: {outcome}")
        self._rejoin_networks()
        self.env["clouder.container"]._note_spec(self, spec, keyring.vault().hmac_key)

    def _rejoin_networks(self):
        """Have the container in the networks of all environments that link to it.

        A container that was removed by hand comes back in its own network only.
        """
        runner = self._runner()
        for environment in self._linked_environments() - self.environment_id:
            runner.network_join(self, environment, [self.name])

    def _linked_environments(self):
        """Return the environments whose containers have live direct links to this service.

        A link of a base is of the container of the base's service.
        """
        live = [
            ("target", "in", (self | self._ancestors()).ids),
            ("make_link", "=", True),
            ("state", "in", ("deploying", "working", "broken")),
        ]
        linked = [("link_ids", "any", live)]
        consumers = ["|", *linked, ("base_ids", "any", linked)]
        return self.env["clouder.environment"].search(
            [("service_ids", "any", consumers)]
        )

    def _ensure_ready(self):
        """Wait for health; on failure the former container comes back."""
        runner = self._runner()
        try:
            runner.container_ready(
                self, self._driver().service_health(self), READY_SECONDS
            )
        except ClouderError:
            runner.container_rollback(self)
            raise
        runner.container_commit(self)
        self._observe()
        if self.node_id.state != "online":
            self.node_id._look_quietly()

    def _observe(self):
        """Look at the node and note what it shows."""
        seen = self._runner().observe(self)
        self.env["clouder.container"]._note_observed(self, seen)
        self.write(
            {"observed": seen.get("summary"), "observed_at": fields.Datetime.now()}
        )

    def _publish_lock(self):
        """Return the name of the lock that publishing on this service takes."""
        self.ensure_one()
        return f"publish clouder.service,{self.id}"

    def _can_be_asked(self):
        """Tell whether links can be set up at this service."""
        return bool(
            self.deployed_at and self.state in ("running", "failed", "deploying")
        )

    def _deploy_links(self):
        """Set up the links of this service; those of a parent belong to its children."""
        if self.application_id.child_ids:
            self.link_ids.filtered("target").write({"state": "delegated"})
            return
        self.link_ids._deploy_all()

    def _abort_deployment(self):
        """Remove what the first deployment of this tree made before it failed.

        A service that runs since it was last purged keeps its container and its
        volumes; volumes with the data of an earlier life stay in any case.
        """
        tree = self._tree()
        for service in tree.browse(reversed(tree.ids)):
            if service.deployed_at:
                continue
            service.link_ids._withdraw_all()
            if service._form() != "none":
                runner = service._runner()
                runner.container_remove(service)
                if not service.keeps_data:
                    runner.volumes_remove(service)

    def _forget_deployment(self, action):
        ran = self.filtered("deployed_at")
        result = super()._forget_deployment(action)
        if action == "purge_data":
            self.write({"keeps_data": False})
        else:
            ran.write({"keeps_data": True})
        return result

    def _abort_hooks(self, job):
        hooks = ("service_abort",) if job.action == "deploy" else ()
        return (*hooks, "service_look") if self._may_still_serve(job) else hooks

    def _look_after_failure(self):
        """Have the former containers back, and note when all of them work."""
        for service in self._job_records():
            if service._form() != "process" or not service.deployed_at:
                continue
            runner = service._runner()
            runner.container_rollback(service)
            runner.container_ready(
                service, service._driver().service_health(service), READY_SECONDS
            )
            service._observe()
        self._note_still_serves()
