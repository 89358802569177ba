"""Why an Odoo command failed, in one sentence."""

import re

from odoo.addons.clouder.lib.errors import ClouderError

_EXCEPTION = re.compile(
    r"^[A-Za-z_][\w.]*(?:Error|Exception|Warning|Violation)\b:? ?(.*)$"
)
_LOGGED = re.compile(r"^\S+ \S+ \d+ (?:ERROR|CRITICAL) \S+ \S+: (.*)$")


class OdooFailed(ClouderError):
    """A command of Odoo failed in its container.

    :param doing: what was being done, as a sentence without its end
    :param output: what the command printed
    """

    def __init__(self, doing: str, output: str) -> None:
        super().__init__(f"{doing}: {reason(output)}")
        self.output = output

    @property
    def detail(self) -> str:
        """Return the output."""
        return self.output


def reason(output: str) -> str:
    """Return the last error that the output tells of, else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern, whole in ((_EXCEPTION, True), (_LOGGED, False)):
        for line in reversed(lines):
            if found := pattern.match(line):
                return line if whole else found[1]
    return lines[-1] if lines else "it printed nothing"
