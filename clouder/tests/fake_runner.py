"""A runner without a node: it notes what it is asked for and says what a test wants."""

import contextlib
from unittest import mock

from ..lib.engine import ExecResult


class FakeRunner:
    """Records every call as ``(method, record name, arguments)``.

    :param dict answers: a word of an argv to the output that ``exec`` gives for it
    """

    def __init__(self, answers=None):
        self.calls = []
        self.answers = dict(answers or {})
        self.failures = {}
        self.results = {}

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*args, **kwargs):
            return self._note(name, args, kwargs)

        return call

    def _note(self, name, args, kwargs):
        record = getattr(args[0], "display_name", None) if args else None
        self.calls.append((name, record, args[1:], kwargs))
        if name in self.failures:
            raise self.failures[name]
        return self._result(name, args)

    def _result(self, name, args):
        if name in self.results:
            return self.results[name]
        if name == "exec":
            return ExecResult(0, self._output(args[1]), "")
        if name == "image_ensure":
            version, node = args
            version._note_built(node, f"sha256:{version.id:064d}")
            return f"sha256:{version.id:064d}"
        return {
            "container_ensure": "created",
            "observe": {"state": "running", "summary": "running", "engine_ref": "fake"},
            "image_outdated": [],
            "ping": {},
        }.get(name)

    @contextlib.contextmanager
    def exec_meanwhile(self, service, argv, stdin=None, timeout=600):
        """Run the command before the block."""
        self.exec(service, argv, stdin=stdin, timeout=timeout)
        yield

    def _output(self, argv):
        for word, output in self.answers.items():
            if word in argv:
                return output
        return ""

    def fail(self, method, error):
        """Have ``method`` raise ``error`` from now on."""
        self.failures[method] = error

    def mend(self):
        """Have nothing fail any more."""
        self.failures.clear()

    def names(self):
        """Return the names of the methods called so far, in order."""
        return [call[0] for call in self.calls]

    def argvs(self):
        """Return the argv of each ``exec`` so far, in order."""
        return [call[2][0] for call in self.calls if call[0] == "exec"]


@contextlib.contextmanager
def fake_runner(env, answers=None):
    """Have every node served by one :class:`FakeRunner` inside the block; give it."""
    fake = FakeRunner(answers)
    root = env.registry["clouder.runner"]
    with mock.patch.object(root, "_get", lambda self, code: fake):
        yield fake
