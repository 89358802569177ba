from odoo import api, models

from ..lib.errors import ClouderError
from ..lib.spec import Mount


class ClouderRunnerDocker(models.AbstractModel):
    """Volumes: the data of services, and the program files of image versions."""

    _inherit = "clouder.runner.docker"

    @api.private
    def volumes_ensure(self, service):
        engine = self._engine(service.node_id)
        for volume in service.volume_ids:
            name = service._volume_name(volume)
            if not engine.volume_ensure(name, self._labels(service)):
                continue
            self._log(f"The volume {name} is there")
            if volume.user and service.image_version_id:
                self._volume_own(service, volume, name)

    @api.model
    def _volume_own(self, service, volume, name):
        """Give a new volume to its user; one that cannot be given is not kept."""
        try:
            self.image_run(
                service.image_version_id,
                service.node_id,
                ["chown", "--", volume.user, volume.localpath],
                user="root",
                mounts=[Mount(name, volume.localpath)],
                cap_add=["CHOWN"],
            )
        except ClouderError:
            self._engine(service.node_id).volume_remove(name, self._database())
            raise

    @api.private
    def volumes_remove(self, service):
        engine = self._engine(service.node_id)
        for volume in engine.volume_list(self._labels(service)):
            name = volume["Name"]
            # A copied database knows the same labels: the name has to be right as well.
            if name.startswith(f"{service.name}."):
                engine.volume_remove(name, self._database())
                self._log(f"The volume {name} is gone")

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
