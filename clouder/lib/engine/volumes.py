"""Named volumes: the data of services. Only those with our label are ever removed."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from ..errors import EngineMissing, EngineRefused
from ..labels import LABEL_DATABASE, LABEL_PRIVATE, is_ours, is_owned
from ..spec import File, Mount
from .files import FileOperations

MARKER = ".clouder-filled"


class VolumeOperations(FileOperations):
    """Volumes of the engine."""

    def volume_inspect(self, name: str) -> dict[str, Any] | None:
        """Return what the engine knows of a volume, or None when there is none."""
        try:
            with self.errors(f"look for volume {name}"):
                return dict(self.api.inspect_volume(name))
        except EngineMissing:
            return None

    def volume_list(self, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the volumes that bear all of ``labels``."""
        wanted = [f"{key}={value}" for key, value in labels.items()]
        with self.errors("list volumes"):
            found = self.api.volumes(filters={"label": wanted})
        return [dict(one) for one in found["Volumes"] or []]

    def volume_ensure(self, name: str, labels: Mapping[str, str]) -> bool:
        """Make sure that the volume exists, and return whether it was made now.

        :raise EngineRefused: a volume of this name belongs to somebody else
        """
        found = self.volume_inspect(name)
        if found is None:
            with self.errors(f"create volume {name}"):
                found = dict(self.api.create_volume(name, labels=dict(labels)))
            self._own_volume(found, labels)
            return True
        self._own_volume(found, labels)
        return False

    def volume_check(self, name: str, owner: Mapping[str, str]) -> None:
        """Check that a volume, where there is one, is the one of ``owner``.

        :raise EngineRefused: a volume of this name belongs to somebody else
        """
        found = self.volume_inspect(name)
        if found is not None:
            self._own_volume(found, owner)

    def volume_remove(self, name: str, owner: Mapping[str, str]) -> bool:
        """Remove a volume with all its data; return whether there was one.

        :param owner: the labels that tell whose it is
        :raise EngineRefused: it is somebody else's, or a container still uses it
        """
        found = self.volume_inspect(name)
        if found is None:
            return False
        self._own_volume(found, owner)
        with self.errors(f"remove volume {name}"):
            self.api.remove_volume(name)
        return True

    def volume_fill(
        self, name: str, image: str, target: str, labels: Mapping[str, str]
    ) -> bool:
        """Fill a volume once with what ``image`` has at ``target``.

        The engine copies the files when a container with an empty volume is made; a
        marker that is written after them says that the copy is whole.

        :return: whether it was filled now
        :raise EngineRefused: the volume is not ours, or a half-filled one is in use
        """
        if not self.volume_ensure(name, labels):
            if self._filled(name, image, target, labels):
                return False
            self.volume_remove(name, labels)
            self.volume_ensure(name, labels)
        with self._holding(name, image, target, labels) as helper:
            marker = File(f"{target}/{MARKER}", image.encode(), mode=0o444)
            self.files_put(helper, [marker])
        return True

    def volumes_give(
        self,
        owners: Mapping[str, tuple[str, str]],
        image: str,
        labels: Mapping[str, str],
    ) -> None:
        """Give the folders of volumes to users of an image.

        An archive with nothing but the folder does it: no process has to run, which
        takes a fraction of the time.

        :param owners: name of the volume to (path in the image, name of the user)
        :raise EngineRefused: the image has no such user
        """
        config = {
            "Image": image,
            "Labels": dict(labels),
            "HostConfig": {
                "Mounts": [
                    Mount(name, path).to_engine({})
                    for name, (path, _user) in owners.items()
                ]
            },
        }
        with self.helper(f"{next(iter(owners))}.give", config) as helper:
            self.folders_give(helper, dict(owners.values()))

    def _filled(
        self, name: str, image: str, target: str, labels: Mapping[str, str]
    ) -> bool:
        with self._holding(name, image, target, labels, copy=False) as helper:
            try:
                self.file_get(helper, f"{target}/{MARKER}")
            except EngineMissing:
                return False
        return True

    def _holding(
        self,
        name: str,
        image: str,
        target: str,
        labels: Mapping[str, str],
        copy: bool = True,
    ) -> AbstractContextManager[str]:
        """Return a helper container that holds a volume."""
        mount = Mount(name, target).to_engine({})
        mount["VolumeOptions"] = {"NoCopy": not copy}
        config = {
            "Image": image,
            "Labels": dict(labels),
            "HostConfig": {"Mounts": [mount]},
        }
        return self.helper(f"{name}.fill", config)

    def sweep_private(self, container: str, owner: Mapping[str, str]) -> None:
        """Remove the private volumes of a container's earlier lives.

        The engine refuses to remove one that a container still holds, so this is
        safe at any time and makes up for a crash at any earlier one.
        """
        ours = {LABEL_DATABASE: owner.get(LABEL_DATABASE, "")}
        for volume in self.volume_list({**ours, LABEL_PRIVATE: container}):
            try:
                self.volume_remove(str(volume["Name"]), ours)
            except EngineRefused:
                continue

    def _own_volume(self, found: Mapping[str, Any], owner: Mapping[str, str]) -> None:
        name, labels = found["Name"], found["Labels"]
        if not is_ours(labels, owner):
            raise EngineRefused(
                f"The volume {name} on {self.url} does not belong to this "
                "Clouder; it is neither used nor removed.",
                "Rename or remove it by hand, or choose another name.",
            )
        if not is_owned(labels, owner):
            raise EngineRefused(
                f"The volume {name} on {self.url} holds the data of another record, "
                "which had the same name; it is neither used nor removed.",
                f"Choose another name; or, if nobody needs that data, have an "
                f"administrator remove it on the node: docker volume rm {name}",
            )
