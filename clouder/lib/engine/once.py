"""Run a command in a throw-away container."""

import secrets
from collections.abc import Mapping, Sequence

from ..errors import CommandFailed, EngineMissing
from ..labels import LABEL_DATABASE
from ..secrets import masked, masking
from ..spec import ContainerSpec, File, Limits, Mount
from ..wait import Cancelled
from .containers import ContainerOperations
from .execute import EXEC_S, check_argv, secret_env
from .output import Collector, ExecResult, OnOutput
from .stream import Stream


class OnceOperations(ContainerOperations):
    """Throw-away containers."""

    def run_once(
        self,
        image: str,
        argv: Sequence[str],
        mounts: Sequence[Mount] = (),
        network: str = "",
        stdin: bytes | None = None,
        user: str = "",
        env: Mapping[str, str] | None = None,
        files: Sequence[File] = (),
        labels: Mapping[str, str] | None = None,
        read_only: bool = True,
        cap_add: Sequence[str] = (),
        limits: Limits | None = None,
        check: bool = True,
        on_output: OnOutput | None = None,
        timeout_s: float = EXEC_S,
        cancelled: Cancelled | None = None,
    ) -> ExecResult:
        """Run ``argv`` in a new container of ``image`` and remove the container.

        It is as hardened as a service's container, and has no network unless one is
        given. The image's entry point is replaced by ``argv``.

        :param network: an environment's network, or ``bridge`` to reach the outside
        :param labels: our labels, so that a crash leaves nothing unowned
        :raise CommandFailed: the status is not 0 and ``check`` is set
        :raise ConditionTimeout: it did not end in time; it was stopped
        """
        spec = ContainerSpec(
            f"clouder-once-{secrets.token_hex(6)}",
            image,
            entrypoint=check_argv(argv),
            env=env or {},
            labels={LABEL_DATABASE: "none", **(labels or {})},
            mounts=mounts,
            network=network,
            limits=limits or Limits(),
            user=user,
            read_only=read_only,
            cap_add=cap_add,
            files=files,
        )
        with masking([*secret_env(env), *spec.secret_values()]):
            told = Collector(on_output)
            try:
                result, tail = self._run(spec, stdin, told, timeout_s, cancelled)
            finally:
                self._throw_away(spec)
            return _checked(result, tail, spec, image) if check else result

    def _run(
        self,
        spec: ContainerSpec,
        stdin: bytes | None,
        collector: Collector,
        timeout_s: float,
        cancelled: Cancelled | None,
    ) -> tuple[ExecResult, str]:
        config = spec.to_engine()
        given = stdin is not None
        config.update(
            {"AttachStdin": given, "OpenStdin": given, "StdinOnce": given, "Cmd": []}
        )
        config["HostConfig"]["RestartPolicy"] = {"Name": "no"}
        if spec.network == "bridge":
            config["NetworkingConfig"] = {}
        action = f"run {spec.entrypoint[0]} in {spec.image}"
        with self.errors(action):
            self.create_raw(config, spec.name)
        self.files_put(spec.name, spec.files)
        path = f"/containers/{spec.name}/attach?stream=1&stdout=1&stderr=1"
        with Stream(self, f"{path}&stdin={int(given)}", {}, action) as stream:
            self.container_start(spec.name)
            try:
                stream.pump(stdin, collector.frame, timeout_s, cancelled)
            finally:
                collector.close()
        with self.errors(action):
            status = int(self.api.wait(spec.name, timeout=60)["StatusCode"])
        return collector.result(status), collector.tail()

    def _throw_away(self, spec: ContainerSpec) -> None:
        try:
            with self.errors(f"remove {spec.name}"):
                self.api.remove_container(spec.name, v=True, force=True)
        except EngineMissing:
            return


def _checked(
    result: ExecResult, tail: str, spec: ContainerSpec, image: str
) -> ExecResult:
    """Return ``result`` if its status is 0, else raise what it says."""
    if result.status:
        shown = [masked(word) for word in spec.entrypoint]
        raise CommandFailed(shown, result.status, tail, image)
    return result
