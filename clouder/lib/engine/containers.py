"""Containers one by one: look, start, stop, remove, wait until ready."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import (
    ConditionTimeout,
    ContainerStopped,
    EngineMissing,
    EngineRefused,
    PortTaken,
)
from ..labels import is_ours, is_owned
from ..secrets import masked
from ..wait import Cancelled, wait_for
from .execute import ExecOperations
from .output import OnOutput
from .volumes import VolumeOperations

OLD = ".old"
NEW = ".new"
READY_S = 120
PROBE_S = 30
RESTARTS_ALLOWED = 3
LOG_LINES = 200


class ContainerOperations(ExecOperations, VolumeOperations):
    """Single containers of the engine."""

    def container_inspect(self, name: str) -> dict[str, Any] | None:
        """Return what the engine knows of a container, or None when there is none."""
        try:
            with self.errors(f"look at {name}"):
                return dict(self.api.inspect_container(name))
        except EngineMissing:
            return None

    def container_list(self, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the containers, running or not, that bear all of ``labels``."""
        wanted = [f"{key}={value}" for key, value in labels.items()]
        with self.errors("list containers"):
            found = self.api.containers(all=True, filters={"label": wanted})
        return [dict(one) for one in found]

    def container_start(self, name: str) -> None:
        """Start a container; one that runs stays as it is.

        :raise PortTaken: names the host port and, when it can, who holds it
        """
        try:
            with self.errors(f"start {name}"):
                self.api.start(name)
        except PortTaken as error:
            raise self._with_holder(error, name) from None

    def container_stop(self, name: str) -> None:
        """Stop a container with its own signal and patience; a stopped one stays so."""
        with self.errors(f"stop {name}"):
            patience = self.api.inspect_container(name)["Config"].get("StopTimeout")
            self.api.stop(name, timeout=10 if patience is None else int(patience))

    def container_restart(self, name: str) -> None:
        """Stop and start a container."""
        self.container_stop(name)
        self.container_start(name)

    def container_signal(self, name: str, signal: str) -> None:
        """Send a signal, such as ``HUP``, to a container's main process."""
        with self.errors(f"signal {name}"):
            self.api.kill(name, signal)

    def container_log(self, name: str, lines: int = LOG_LINES) -> str:
        """Return the end of what a container has written, with secrets masked."""
        with self.errors(f"read the log of {name}"):
            data = self.api.logs(name, tail=lines)
        return masked(bytes(data).decode("utf-8", "replace"))

    def container_remove(self, name: str, owner: Mapping[str, str]) -> bool:
        """Remove a container in all its forms; named volumes stay.

        :param owner: the labels that tell whose it is
        :return: whether there was one
        :raise EngineRefused: a container of this name is somebody else's
        """
        found = [self._remove_one(form, owner) for form in _forms(name)]
        self.sweep_private(name, owner)
        return any(found)

    def _remove_one(self, name: str, owner: Mapping[str, str]) -> bool:
        state = self.container_inspect(name)
        if state is None:
            return False
        self.own_container(state, owner)
        try:
            if state["State"]["Running"]:
                self.container_stop(name)
            with self.errors(f"remove {name}"):
                self.api.remove_container(state["Id"], force=True)
        except EngineMissing:
            return False
        return True

    def container_check(self, name: str, owner: Mapping[str, str]) -> None:
        """Check that a container, where there is one, is the one of ``owner``.

        :raise EngineRefused: a container of this name belongs to somebody else
        """
        state = self.container_inspect(name)
        if state is not None:
            self.own_container(state, owner)

    def own_container(self, state: Mapping[str, Any], owner: Mapping[str, str]) -> None:
        """Check that an inspected container bears the labels of ``owner``.

        :raise EngineRefused: it does not
        """
        labels = state["Config"].get("Labels")
        name = state["Name"].lstrip("/")
        if not is_ours(labels, owner):
            raise EngineRefused(
                f"The container {name} on {self.url} does not "
                "belong to this Clouder; it is neither changed nor removed.",
                "Rename or remove it by hand, or choose another name.",
            )
        if not is_owned(labels, owner):
            raise EngineRefused(
                f"The container {name} on {self.url} belongs to another record, "
                "which had the same name; it is neither changed nor removed.",
                f"Choose another name; or, if nobody needs it, have an administrator "
                f"remove it on the node: docker rm {name}",
            )

    def wait_ready(
        self,
        name: str,
        argv: Sequence[str] = (),
        deadline_s: float = READY_S,
        on_event: OnOutput | None = None,
        cancelled: Cancelled | None = None,
    ) -> None:
        """Wait until a container is ready.

        :param argv: a command in the container that ends with status 0 when it is;
            without one, running is enough
        :param on_event: called with what is seen, whenever that changes
        :raise ConditionTimeout: it did not become ready; carries the end of its log
        :raise ContainerStopped: it ended; carries the end of its log
        """
        last = ""

        def probe() -> tuple[bool, str]:
            nonlocal last
            true, seen = self._ready(name, argv)
            if seen != last and on_event is not None:
                on_event(seen)
            last = seen
            return true, seen

        try:
            wait_for(f"{name} is ready", probe, deadline_s, cancelled=cancelled)
        except ConditionTimeout as error:
            log = self.container_log(name)
            seen = f"{log}\n{error.last_seen}"
            raise ConditionTimeout(f"{name} is ready", seen, deadline_s) from None

    def _ready(self, name: str, argv: Sequence[str]) -> tuple[bool, str]:
        with self.errors(f"look at {name}"):
            found = self.api.inspect_container(name)
        state, restarts = found["State"], int(found["RestartCount"])
        status = str(state["Status"])
        if status in ("exited", "dead") or restarts > RESTARTS_ALLOWED:
            raise ContainerStopped(
                f"The container {name} ended with status {state['ExitCode']} "
                f"({restarts} restarts) instead of becoming ready.",
                self.container_log(name) + str(state.get("Error") or ""),
            )
        if status != "running" or not argv:
            return status == "running", f"{name} is {status}"
        try:
            result = self.exec(name, argv, check=False, timeout_s=PROBE_S)
        except EngineRefused as error:
            return False, str(error)
        if result.status == 0:
            return True, f"{name} is ready"
        said = (result.error or result.output).strip().splitlines()[-1:]
        return False, masked(f"{argv[0]} says {result.status}: {''.join(said)}")

    def _with_holder(self, error: PortTaken, name: str) -> PortTaken:
        """Return ``error`` naming the container that holds the port, if one does."""
        holder = self.host_ports().get(error.port)
        if holder is None:
            return error
        return PortTaken(
            f"Cannot start {name}: host port {error.port} on {self.url} is in use by "
            f"the container {holder}.",
            error.port,
            error.cure,
            error.tail,
        )

    def host_ports(self) -> dict[int, str]:
        """Return the published host ports of running containers: port to name."""
        with self.errors("list containers"):
            running = self.api.containers()
        return {
            int(port["PublicPort"]): str(one["Names"][0]).lstrip("/")
            for one in running
            for port in one["Ports"] or []
            if port.get("PublicPort")
        }


def _forms(name: str) -> tuple[str, str, str]:
    """Return the names a container has in the course of its replacement."""
    return name + NEW, name, name + OLD
