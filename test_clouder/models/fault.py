import os
import signal

from odoo import SUPERUSER_ID, api, models

from odoo.addons.clouder.lib.wait import wait_for

PARAMETER = "test_clouder.fault"
HOLD_SECONDS = 120


class ClouderJobMixin(models.AbstractModel):
    """Kills or holds the server at a step of a job, when a test asks for it.

    The parameter ``test_clouder.fault`` says where and what, as ``<hook>:<when>:<what>``:
    ``base_configure:after:kill`` kills the process when the hook has done its work and
    nothing is committed yet; ``…:before:hold`` waits until the parameter is gone.
    """

    _inherit = "clouder.job.mixin"

    def _run_hook(self, hook):
        self._fault(hook, "before")
        result = super()._run_hook(hook)
        self.env.flush_all()
        self._fault(hook, "after")
        return result

    def _fault(self, hook, when):
        asked = self._read_fault()
        if asked == f"{hook}:{when}:kill":
            self._read_fault(clear=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if asked == f"{hook}:{when}:hold":
            wait_for(
                "the test to let go",
                lambda: (self._read_fault() != asked, asked),
                HOLD_SECONDS,
                cancelled=self.env["clouder.job"]._check_cancelled,
            )

    def _read_fault(self, clear=False):
        with self.env.registry.cursor() as cr:
            parameters = api.Environment(cr, SUPERUSER_ID, {})["ir.config_parameter"]
            asked = parameters.search([("key", "=", PARAMETER)]).value
            if clear:
                parameters.set_param(PARAMETER, False)
            return asked
