import os
import signal

from odoo import api, models


class ClouderRunnerDocker(models.AbstractModel):
    """Cuts the server off in the middle of what a runner is doing, when a test asks.

    The parameter ``test_clouder.fault`` says where, as ``exec:<text>:cut``: of the first
    command whose input or words hold the text, only the lines before that text are still
    carried out, and then the process is killed.
    """

    _inherit = "clouder.runner.docker"

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
        options = (user, env, workdir, check, timeout)
        place = self.env["clouder.job.mixin"]._read_fault() or ""
        where, _, rest = place.partition(":")
        text, _, what = rest.rpartition(":")
        if (where, what) == ("exec", "cut"):
            given = (stdin or b"").decode()
            if text in given or text in " ".join(argv):
                self.env["clouder.job.mixin"]._read_fault(clear=True)
                before = given.partition(text)[0]
                whole = before[: before.rfind("\n") + 1]
                if whole:
                    super().exec(service, argv, whole.encode(), *options)
                os.kill(os.getpid(), signal.SIGKILL)
        return super().exec(service, argv, stdin, *options)
