"""What went wrong in a script, in one sentence."""

import re

from odoo.addons.clouder.lib.errors import ClouderError

_ERROR = re.compile(
    r"^(?:psql:[^:]*:\d+: )?(?:ERROR|FATAL|error): +(.+)$", re.MULTILINE
)


class SqlFailed(ClouderError):
    """A script of ours failed in PostgreSQL.

    :param service: the name of the service it ran in
    :param output: what psql printed
    """

    def __init__(self, service: str, output: str) -> None:
        super().__init__(f"PostgreSQL {service} refused: {reason(output)}")
        self.output = output

    @property
    def detail(self) -> str:
        """Return all that psql printed."""
        return self.output


def reason(output: str) -> str:
    """Return the first error in the output of psql."""
    found = _ERROR.search(output)
    if found:
        return found[1].strip()
    lines = output.strip().splitlines()
    return lines[-1].strip() if lines else "it printed nothing"
