import concurrent.futures
import contextlib
import contextvars
import shlex
from datetime import datetime

from odoo import api, models

from .. import keyring

SHOWN = 200


class ClouderRunnerDocker(models.AbstractModel):
    """Containers, and what happens in them."""

    _inherit = "clouder.runner.docker"

    @api.private
    def container_ensure(self, service, spec):
        engine = self._engine(service.node_id)
        for owner, volume in service._mounted_volumes():
            engine.volume_check(owner._volume_name(volume), self._labels(owner))
        owners = {
            volume.localpath: volume.user
            for volume in service.volume_ids
            if volume.user and not volume.readonly
        }
        return engine.container_ensure(spec, keyring.vault().hmac_key, owners)

    @api.model
    def _engine_of(self, service):
        """Return the engine of a service, whose container is no other record's.

        :raise EngineRefused: the container of this name belongs to somebody else
        """
        engine = self._engine(service.node_id)
        engine.container_check(service.name, self._labels(service))
        return engine

    @api.private
    def container_commit(self, service):
        engine = self._engine(service.node_id)
        if engine.container_commit(service.name, self._labels(service)):
            self._log(f"The former container of {service.name} is gone")

    @api.private
    def container_rollback(self, service):
        engine = self._engine(service.node_id)
        back = engine.container_rollback(service.name, self._labels(service))
        if back:
            self._log(f"The former container of {service.name} serves again", "warning")
        return back

    @api.private
    def container_ready(self, service, argv, deadline):
        self._engine(service.node_id).wait_ready(
            service.name, argv, deadline, self._log, self._canceller()
        )

    @api.private
    def container_remove(self, service):
        engine = self._engine(service.node_id)
        if engine.container_remove(service.name, self._labels(service)):
            self._log(f"The container {service.name} is gone")

    @api.private
    def container_start(self, service):
        self._engine_of(service).container_start(service.name)

    @api.private
    def container_stop(self, service):
        self._engine_of(service).container_stop(service.name)

    @api.private
    def container_restart(self, service):
        self._engine_of(service).container_restart(service.name)

    @api.private
    def signal(self, service, name):
        self._engine_of(service).container_signal(service.name, name)

    @api.private
    def observe(self, service):
        found = self._engine(service.node_id).container_inspect(service.name)
        if found is None:
            return {"state": "missing", "summary": "missing"}
        state = found["State"]
        health = (state.get("Health") or {}).get("Status", "")
        return {
            "state": state["Status"],
            "health": health,
            "summary": self._summary(state, health),
            "engine_ref": found["Id"],
            "image_digest": found["Image"],
            "started_at": self._when(state["StartedAt"]),
        }

    @api.model
    def _summary(self, state, health):
        if state["Status"] == "exited":
            return f"exited (status {state['ExitCode']})"
        return f"{state['Status']} ({health})" if health else state["Status"]

    @api.model
    def _when(self, text):
        """Return the engine's time (nanoseconds, UTC) as Odoo's, or False for none."""
        if not text or text.startswith("0001"):
            return False
        return datetime.fromisoformat(text[:19])

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
        self._log(f"{service.name} $ {shlex.join(argv)}"[:SHOWN])
        return self._engine_of(service).exec(
            service.name,
            argv,
            stdin=stdin,
            user=user,
            env=env,
            workdir=workdir,
            check=check,
            on_output=self._log,
            timeout_s=timeout,
            cancelled=self._canceller(),
        )

    @api.private
    @contextlib.contextmanager
    def exec_meanwhile(self, service, argv, stdin=None, timeout=600):
        engine, name = self._engine_of(service), service.name
        self._log(f"{name} $ {shlex.join(argv)}"[:SHOWN])

        def work():
            # In a thread of its own, so neither the records nor the log are at hand.
            return engine.exec(name, argv, stdin=stdin, timeout_s=timeout)

        context = contextvars.copy_context()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(context.run, work)
            yield
            result = running.result()
        for line in result.output.splitlines():
            self._log(line)

    @api.private
    def files_put(self, service, files):
        self._engine_of(service).files_put(service.name, files)

    @api.private
    def file_get(self, service, path):
        return self._engine_of(service).file_get(service.name, path)
