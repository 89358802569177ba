from odoo import api, models

from ..lib.errors import ClouderError, EngineRefused


class ClouderRunnerDocker(models.AbstractModel):
    """Volumes: the data of services, and the program files of image versions."""

    _inherit = "clouder.runner.docker"

    @api.private
    def volumes_ensure(self, service):
        engine = self._engine(service.node_id)
        labels = self._labels(service)
        made = {}
        for volume in service.volume_ids:
            name = service._volume_name(volume)
            if engine.volume_ensure(name, labels):
                self._log(f"The volume {name} is there")
                made[name] = volume
        version = service.image_version_id
        owners = {
            name: (volume.localpath, volume.user)
            for name, volume in made.items()
            if volume.user and version and self._needs_helper(service, volume)
        }
        if owners:
            image = self._image_id(version, service.node_id)
            self._volumes_give(engine, owners, image, labels)

    @api.model
    def _needs_helper(self, service, volume):
        """Tell whether the service's own container cannot give a volume to its user."""
        return volume.readonly or service._form() != "process"

    @api.model
    def _volumes_give(self, engine, owners, image, labels):
        """Give new volumes to their users; those that cannot be given are not kept."""
        try:
            engine.volumes_give(owners, image, labels)
        except ClouderError:
            for name in owners:
                engine.volume_remove(name, labels)
            raise

    @api.private
    def volumes_remove(self, service):
        engine = self._engine(service.node_id)
        labels = self._labels(service)
        for volume in engine.volume_list(labels):
            name = volume["Name"]
            # A copied database knows the same labels: the name has to be right as well.
            if name.startswith(f"{service.name}."):
                engine.volume_remove(name, labels)
                self._log(f"The volume {name} is gone")

    @api.private
    def volumes_trim(self, service, versions):
        engine = self._engine(service.node_id)
        labels = self._labels(service)
        gone = []
        for volume in engine.volume_list(labels):
            name = volume["Name"]
            owner, _dot, rest = name.partition(".")
            _line, _dot, version = rest.partition(".")
            if owner != service.name or not version or version in versions:
                continue
            try:
                engine.volume_remove(name, labels)
            except EngineRefused as error:
                self._log(str(error))
                continue
            gone.append(name)
        return gone

    @api.private
    def volume_fill(self, service):
        version, node = service.image_version_id, service.node_id
        image = self.image_ensure(version, node)
        engine = self._engine(node)
        for volume in service.volume_ids:
            name = service._volume_name(volume)
            labels = self._labels(service)
            if engine.volume_fill(name, image, volume.localpath, labels):
                self._log(f"The volume {name} has the files of {version.reference}")
