import json

from odoo import api, models

from odoo.addons.clouder.lib.errors import CommandFailed
from odoo.addons.clouder.lib.limits import COMMAND_S

from ..lib.failure import OdooFailed
from .odoo import ADDON


class ClouderDriverOdoo(models.AbstractModel):
    """How the driver runs something in the container of an Odoo service.

    Scripts are constant files of this addon and come in over standard input; what they
    work on comes as words of the command or as JSON before the script.
    """

    _inherit = "clouder.driver.odoo"

    @api.model
    def _python(self, service, names, **parameters):
        """Run scripts of this addon one after the other in one Python.

        :param names: e.g. ``("code", "missing")``
        :param parameters: what the scripts find as ``PARAMETERS``
        :return: str, what they printed
        """
        return self._run(service, ["python3", "-"], self._script(names, parameters))

    @api.model
    def _filestore(self, service, action, *names):
        """Do ``action`` of ``filestore.py`` to the files of databases."""
        argv, script = self._filestore_command(action, *names)
        return self._run(service, argv, script)

    @api.model
    def _filestore_command(self, action, *names):
        """Return the argv of ``action`` of ``filestore.py``, and its input."""
        return ["python3", "-", action, *names], self._script(["filestore"])

    @api.model
    def _script(self, names, parameters=None):
        lines = []
        if parameters is not None:
            lines.append(
                f"import json\nPARAMETERS = json.loads({json.dumps(parameters)!r})\n"
            )
        lines += [(ADDON / f"scripts/{name}.py").read_text() for name in names]
        return "\n".join(lines).encode()

    @api.model
    def _run(self, service, argv, stdin=None):
        """Run a command; return what it printed."""
        runner = service._runner()
        return runner.exec(service, argv, stdin=stdin, timeout=COMMAND_S).output

    @api.model
    def _odoo(self, service, argv, doing, stdin=None):
        """Run a command of Odoo.

        :param str doing: what an error begins with
        :raise OdooFailed: with the reason that Odoo gave
        """
        try:
            return self._run(service, argv, stdin)
        except CommandFailed as error:
            raise OdooFailed(doing, error.tail) from error

    @api.model
    def _sql(self, service, script):
        """Run a script in the PostgreSQL that ``service`` is linked to."""
        target = self._database_link(service).target
        return target._driver().database_script(
            target._exec_service(), "postgres", script
        )
