"""Bring a container to its spec: beside, prove, swap; the old one goes last.

A container has up to three names in the course of a replacement::

    <name>.new   created, its files put, never started
    <name>       the one that serves
    <name>.old   stopped and kept until the new one is proven

Each change is one call to the engine, and every state between two calls is one that
the next :meth:`~ReplaceOperations.container_ensure` goes on from:

    .new and name          the old one still serves: .new goes, start over
    .new, no name, .old    stopped between the two renames: .old gets its name back
    name and .old          not committed: go on when name has the wanted digest,
                           else name goes and .old gets its name back
    no name, .old          .old gets its name back
"""

from collections.abc import Mapping
from typing import Any, Literal

from ..errors import ClouderError, EngineMissing, SpecRefused
from ..labels import LABEL_DATABASE, LABEL_DIGEST
from ..secrets import masking
from ..spec import ContainerSpec
from .containers import NEW, OLD, ContainerOperations
from .networks import NetworkOperations, joined

Outcome = Literal["created", "replaced", "started", "unchanged"]


class ReplaceOperations(ContainerOperations, NetworkOperations):
    """Wanted containers."""

    def container_ensure(
        self, spec: ContainerSpec, key: bytes, owners: Mapping[str, str] | None = None
    ) -> Outcome:
        """Make the container what ``spec`` says, and have it running.

        :param key: the key of the spec's digest
        :param owners: whose the folders of its volumes are, path to name of the user;
            a new container sees to it before it starts
        :return: ``unchanged`` (it ran as wanted), ``started``, ``created``, or
            ``replaced``: then the old one is kept, stopped, until
            :meth:`container_commit` or :meth:`container_rollback`
        :raise PortTaken: a host port is in use; the old container serves again
        :raise EngineError: it could not be done; the old container serves again
        """
        if not spec.labels.get(LABEL_DATABASE):
            raise SpecRefused(f"The spec of {spec.name} has no {LABEL_DATABASE} label.")
        digest = spec.digest(key)
        with masking(spec.secret_values()):
            self._resolve(spec, digest)
            found = self.container_inspect(spec.name)
            if found is None:
                return self._create(spec, digest, owners or {})
            self.own_container(found, spec.labels)
            if _digest(found) == digest and found["State"]["Status"] != "dead":
                return self._keep(spec, found, owners or {})
            return self._replace(spec, digest, found, owners or {})

    def container_commit(self, name: str, owner: Mapping[str, str]) -> bool:
        """Remove the old container after the new one is proven.

        :return: whether there was an old one
        :raise EngineMissing: there is no new one; the old one has its name back
        """
        if self.container_inspect(name) is None:
            self.container_rollback(name, owner)
            raise EngineMissing(f"There is no container {name} to keep on {self.url}.")
        removed = self._remove_one(name + OLD, owner)
        self.sweep_private(name, owner)
        return removed

    def container_rollback(self, name: str, owner: Mapping[str, str]) -> bool:
        """Go back to the old container, when there is one, and have it running.

        :return: whether there was an old one
        """
        self._remove_one(name + NEW, owner)
        old = self.container_inspect(name + OLD)
        if old is None:
            return False
        self.own_container(old, owner)
        self._remove_one(name, owner)
        # Started before it is renamed: a crash in between leaves a state that says so.
        self.container_start(name + OLD)
        self._rename(name + OLD, name)
        self.sweep_private(name, owner)
        return True

    def _resolve(self, spec: ContainerSpec, digest: str) -> None:
        """Clear up what a crash has left of an earlier replacement."""
        name = spec.name
        self._remove_one(name + NEW, spec.labels)
        old = self.container_inspect(name + OLD)
        if old is None:
            return
        self.own_container(old, spec.labels)
        found = self.container_inspect(name)
        if found is not None:
            if _digest(found) == digest:
                return
            self._remove_one(name, spec.labels)
        self._rename(name + OLD, name)

    def _keep(
        self, spec: ContainerSpec, found: Mapping[str, Any], owners: Mapping[str, str]
    ) -> Outcome:
        """Have a container that is as wanted running."""
        replaced = self.container_inspect(spec.name + OLD) is not None
        if found["State"]["Running"]:
            return "replaced" if replaced else "unchanged"
        if found["State"]["Status"] == "created":
            self.folders_give(spec.name, owners)
            self.files_put(spec.name, spec.files)
        try:
            self._attach(spec, found)
            self.container_start(spec.name)
        except ClouderError:
            if replaced:
                self.container_rollback(spec.name, spec.labels)
            raise
        return "replaced" if replaced else "started"

    def _attach(self, spec: ContainerSpec, found: Mapping[str, Any]) -> None:
        """Join a stopped container anew when its network was made anew."""
        if not spec.network:
            return
        ends = (found["NetworkSettings"]["Networks"] or {}).get(spec.network)
        network = self.network_find(spec.network)
        if network and ends and ends["NetworkID"] in ("", network["Id"]):
            return
        self.network_leave(spec.network, spec.name)
        self.network_join(spec.network, spec.name, spec.aliases)

    def _create(
        self, spec: ContainerSpec, digest: str, owners: Mapping[str, str]
    ) -> Outcome:
        try:
            self._make(spec, spec.name, digest, owners)
            self.container_start(spec.name)
        except ClouderError:
            self.container_remove(spec.name, spec.labels)
            raise
        return "created"

    def _replace(
        self,
        spec: ContainerSpec,
        digest: str,
        found: Mapping[str, Any],
        owners: Mapping[str, str],
    ) -> Outcome:
        try:
            self._make(spec, spec.name + NEW, digest, owners)
            for network, aliases in joined(found).items():
                if network != spec.network:
                    self._join_like(spec.name + NEW, network, aliases)
            self.container_stop(spec.name)
            self._rename(spec.name, spec.name + OLD)
            self._rename(spec.name + NEW, spec.name)
            self.container_start(spec.name)
        except ClouderError:
            self._give_up(spec, bool(found["State"]["Running"]))
            raise
        return "replaced"

    def _join_like(self, name: str, network: str, aliases: list[str]) -> None:
        with self.errors(f"join {name} to network {network}"):
            self.api.connect_container_to_network(name, network, aliases=aliases)

    def _give_up(self, spec: ContainerSpec, running: bool) -> None:
        """Have the old container serve again after a failed replacement."""
        if not self.container_rollback(spec.name, spec.labels) and running:
            self.container_start(spec.name)

    def _make(
        self, spec: ContainerSpec, name: str, digest: str, owners: Mapping[str, str]
    ) -> None:
        """Create a container called ``name`` with its files, and do not start it."""
        config = spec.to_engine()
        config["Labels"] = {**config["Labels"], LABEL_DIGEST: digest}
        with self.errors(f"create {name}"):
            self.create_raw(config, name)
        self.folders_give(name, owners)
        self.files_put(name, spec.files)

    def _rename(self, name: str, new: str) -> None:
        with self.errors(f"rename {name} to {new}"):
            self.api.rename(name, new)


def _digest(found: Mapping[str, Any]) -> str:
    labels = found["Config"].get("Labels") or {}
    return str(labels.get(LABEL_DIGEST, ""))
