"""Networks: one for each environment, joined only by who was linked to it."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import EngineMissing, EngineRefused
from ..labels import is_ours, is_owned
from .connection import Session

_creating = threading.Lock()


def joined(state: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the networks of an inspected container with its aliases there."""
    own = str(state["Id"])[:12]
    return {
        name: [alias for alias in ends.get("Aliases") or [] if alias != own]
        for name, ends in (state["NetworkSettings"]["Networks"] or {}).items()
        if name != "none"
    }


class NetworkOperations(Session):
    """Networks of the engine and the containers in them."""

    def network_find(self, name: str) -> dict[str, Any] | None:
        """Return the network called exactly ``name``, or None."""
        with self.errors(f"look for network {name}"):
            found = self.api.networks(names=[name])
        return next((dict(one) for one in found if one["Name"] == name), None)

    def network_ensure(self, name: str, labels: Mapping[str, str]) -> str:
        """Make sure that the network exists, and return its id.

        An empty one that a record which is no longer there has left is made anew.

        :raise EngineRefused: a network of this name belongs to somebody else
        """
        with _creating:
            found = self.network_find(name)
            if found is not None and self._is_left(found, labels):
                with self.errors(f"remove network {name}"):
                    self.api.remove_network(found["Id"])
                found = None
            if found is None:
                with self.errors(f"create network {name}"):
                    made = self.api.create_network(
                        name, driver="bridge", labels=dict(labels), check_duplicate=True
                    )
                return str(made["Id"])
        self._own_network(found, labels)
        return str(found["Id"])

    def _is_left(self, found: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
        """Tell whether a network is another record's of ours, with nobody in it."""
        if not is_ours(found["Labels"], labels) or is_owned(found["Labels"], labels):
            return False
        return not self._guests(found)

    def _guests(self, found: Mapping[str, Any]) -> list[str]:
        """Return the names of the running containers in a network."""
        with self.errors(f"look at network {found['Name']}"):
            guests = self.api.inspect_network(found["Id"])["Containers"] or {}
        return [str(guest["Name"]) for guest in guests.values()]

    def _own_network(self, found: Mapping[str, Any], owner: Mapping[str, str]) -> None:
        if not is_owned(found["Labels"], owner):
            raise EngineRefused(
                f"The network {found['Name']} on {self.url} does not belong to this "
                "Clouder, or to another environment of it.",
                "Give the environment another prefix.",
            )

    def network_remove(self, name: str, owner: Mapping[str, str]) -> bool:
        """Remove a network, and return whether there was one.

        Who is still in it (a shared proxy, …) leaves it first.

        :param owner: the labels that tell whose it is
        :raise EngineRefused: it is somebody else's
        """
        found = self.network_find(name)
        if found is None:
            return False
        self._own_network(found, owner)
        for guest in self._guests(found):
            self.network_leave(name, guest)
        with self.errors(f"remove network {name}"):
            self.api.remove_network(found["Id"])
        return True

    def network_join(
        self, network: str, container: str, aliases: Sequence[str]
    ) -> bool:
        """Have ``container`` be found in ``network`` under its name and ``aliases``.

        :return: whether something had to be done
        :raise EngineMissing: there is no such network or container
        """
        with self.errors(f"look at {container}"):
            state = self.api.inspect_container(container)
        wanted = list(dict.fromkeys([container, *aliases]))
        known = joined(state).get(network)
        if known is not None:
            if set(wanted) <= set(known):
                return False
            wanted = list(dict.fromkeys([*known, *wanted]))
            self.network_leave(network, container)
        with self.errors(f"join {container} to network {network}"):
            self.api.connect_container_to_network(container, network, aliases=wanted)
        return True

    def network_leave(self, network: str, container: str) -> bool:
        """Take ``container`` out of ``network``, and return whether it was in."""
        try:
            with self.errors(f"take {container} out of network {network}"):
                state = self.api.inspect_container(container)
                if network not in joined(state):
                    return False
                self.api.disconnect_container_from_network(
                    container, network, force=True
                )
        except EngineMissing:
            return False
        return True
