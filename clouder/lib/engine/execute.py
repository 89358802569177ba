"""Run commands in containers that run already."""

import re
from collections.abc import Mapping, Sequence

from ..errors import CommandFailed, SpecRefused
from ..secrets import masked, masking
from ..wait import Cancelled, wait_for
from .connection import Session
from .output import Collector, ExecResult, OnOutput
from .stream import Stream

EXEC_S = 600
STATUS_S = 30
_SECRET_KEY = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)


def secret_env(env: Mapping[str, str] | None) -> list[str]:
    """Return the values of ``env`` whose names say that they are secret."""
    return [value for key, value in (env or {}).items() if _SECRET_KEY.search(key)]


def check_argv(argv: Sequence[str]) -> list[str]:
    """Return ``argv`` as a list if it is one of plain words.

    :raise SpecRefused: it is a text, is empty, or holds something that is no word
    """
    if isinstance(argv, str) or not argv:
        raise SpecRefused("A command is a list of words, not a text and not empty.")
    for word in argv:
        if not isinstance(word, str) or "\x00" in word:
            raise SpecRefused(f"{str(word)[:60]!a} cannot be a word of a command.")
    return list(argv)


class ExecOperations(Session):
    """Commands in running containers."""

    def exec(
        self,
        name: str,
        argv: Sequence[str],
        stdin: bytes | None = None,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        check: bool = True,
        on_output: OnOutput | None = None,
        timeout_s: float = EXEC_S,
        cancelled: Cancelled | None = None,
    ) -> ExecResult:
        """Run a command in a running container and wait for its end.

        The command is never given to a shell. Secrets belong into ``stdin``, into a
        file, or into ``env`` (under a name with PASS, SECRET, TOKEN or KEY), never
        into ``argv``.

        :param stdin: sent whole, then its end is told; None gives no input at all
        :param check: raise on a status other than 0
        :param on_output: called with each line of both outputs as it comes
        :param cancelled: called twice a second, see :func:`..wait.check_cancelled`
        :raise CommandFailed: the status is not 0 and ``check`` is set
        :raise ConditionTimeout: it did not end in time; it may go on in the container
        """
        words = check_argv(argv)
        with masking(secret_env(env)):
            action = f"run {masked(words[0])} in {name}"
            collector = Collector(on_output)
            exec_id = self._exec_create(
                name, words, stdin is not None, user, env, workdir, action
            )
            start = {"Detach": False, "Tty": False}
            with Stream(self, f"/exec/{exec_id}/start", start, action) as stream:
                try:
                    stream.pump(stdin, collector.frame, timeout_s, cancelled)
                finally:
                    collector.close()
            status = self._exec_status(exec_id, action)
            if check and status:
                shown = [masked(word) for word in words]
                raise CommandFailed(shown, status, collector.tail(), name)
            return collector.result(status)

    def _exec_create(
        self,
        name: str,
        argv: list[str],
        stdin: bool,
        user: str | None,
        env: Mapping[str, str] | None,
        workdir: str | None,
        action: str,
    ) -> str:
        with self.errors(action):
            made = self.api.exec_create(
                name,
                argv,
                stdin=stdin,
                user=user or "",
                environment=dict(env or {}),
                workdir=workdir,
            )
        return str(made["Id"])

    def _exec_status(self, exec_id: str, action: str) -> int:
        """Return the exit status; the engine knows it a moment after the output."""
        found: dict[str, int] = {}

        def probe() -> tuple[bool, str]:
            with self.errors(action):
                state = self.api.exec_inspect(exec_id)
            if state["Running"] or state["ExitCode"] is None:
                return False, "it has closed its output, but still runs"
            found["status"] = int(state["ExitCode"])
            return True, "it has ended"

        wait_for(f"to {action}", probe, STATUS_S)
        return found["status"]
