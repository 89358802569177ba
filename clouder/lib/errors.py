"""Every error of the pure core, in one tree::

    ClouderError                 what, to what, why; ``cure`` says what to do
    ├── NameRefused (ValueError)   a name breaks the rules of ``names``
    ├── SpecRefused (ValueError)   a container, file or Dockerfile cannot be described so
    ├── SecretKeyError             the secret key is missing, unsafe or the wrong one
    ├── JobCancelled               somebody asked the running job to stop
    ├── ConditionTimeout           a named condition did not come true in time
    ├── CommandFailed              a command ended with a status other than 0
    └── EngineError                the container engine did not do what was asked
        ├── EngineUnreachable        transient: nobody answers at the engine's address
        ├── EngineBusy               transient: it answers, but cannot do it now
        ├── EngineRefused            it says no; asking again changes nothing
        │   └── EngineMissing          the thing asked for does not exist there
        ├── ContainerStopped         a container ended when it should have become ready
        ├── ImageBuildFailed         a Dockerfile did not build
        └── PortTaken                a host port is in use already

``transient`` says whether the same call may succeed later without any change.
``detail`` is the longer text shown below the sentence, such as the end of an output.
"""

import shlex
from collections.abc import Sequence

TAIL_LIMIT = 64 * 1024


class ClouderError(Exception):
    """Root of all errors of the pure core.

    :param message: one sentence: what failed, on what, why
    :param cure: one sentence: what the reader can do about it
    """

    transient = False

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message, cure)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message} {self.cure}".rstrip()

    @property
    def detail(self) -> str:
        """Return the longer text behind the sentence, or an empty one."""
        return ""


class NameRefused(ClouderError, ValueError):
    """A name breaks its rule."""


class SpecRefused(ClouderError, ValueError):
    """What is wanted cannot be described to an engine."""


class SecretKeyError(ClouderError):
    """The secret key is missing, readable by others, damaged or not the right one."""


class JobCancelled(ClouderError):
    """Somebody asked the running job to stop."""


class _WithTail(ClouderError):
    """An error that carries the end of a real output."""

    def __init__(self, message: str, tail: str = "", cure: str = "") -> None:
        super().__init__(message, cure)
        self.tail = tail[-TAIL_LIMIT:]

    @property
    def detail(self) -> str:
        """Return the end of the real output."""
        return self.tail


class ConditionTimeout(ClouderError):
    """A named condition did not come true before its deadline.

    :param condition: what was waited for, as words that follow "waited for"
    :param last_seen: what the last look at it showed
    :param seconds: how long it was waited for
    """

    def __init__(self, condition: str, last_seen: str, seconds: float = 0) -> None:
        after = f" for {seconds:g} seconds" if seconds else ""
        seen = last_seen.strip().splitlines()[-1:] or ["nothing"]
        super().__init__(f"Waited{after} in vain: {condition}. Last seen: {seen[0]}")
        self.condition = condition
        self.last_seen = last_seen

    @property
    def detail(self) -> str:
        """Return all that the last look showed."""
        return self.last_seen[-TAIL_LIMIT:]


class CommandFailed(_WithTail):
    """A command in a container ended with a status other than 0.

    :param argv: the command, with secrets masked already
    :param status: its exit status
    :param tail: the end of its output, with secrets masked already
    :param place: where it ran, such as the container's name
    """

    def __init__(
        self, argv: Sequence[str], status: int, tail: str = "", place: str = ""
    ) -> None:
        where = f" in {place}" if place else ""
        words = shlex.join(argv)
        shown = words if len(words) <= 300 else f"{words[:300]}…"
        super().__init__(f"Command failed{where} with status {status}: {shown}", tail)
        self.argv = tuple(argv)
        self.status = status


class EngineError(ClouderError):
    """The container engine did not do what it was asked."""


class EngineUnreachable(EngineError):
    """Nobody answers at the address of the engine, or the connection broke."""

    transient = True


class EngineBusy(EngineError):
    """The engine answers, but cannot do it at the moment."""

    transient = True


class EngineRefused(EngineError):
    """The engine, or a rule of ours before it, says no."""


class EngineMissing(EngineRefused):
    """The container, image, network or volume does not exist on the engine."""


class ContainerStopped(_WithTail, EngineError):
    """A container ended while it was waited for; ``tail`` is the end of its log."""


class ImageBuildFailed(_WithTail, EngineError):
    """A Dockerfile did not build; ``tail`` is the end of the build's real output."""


class PortTaken(_WithTail, EngineError):
    """A host port that a container should publish is in use; ``tail`` is the engine's word.

    :param port: the host port, 0 when the engine did not name it
    """

    def __init__(
        self, message: str, port: int = 0, cure: str = "", tail: str = ""
    ) -> None:
        super().__init__(message, tail, cure)
        self.port = port
