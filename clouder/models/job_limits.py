"""The limits of the server that end it in the middle of a step."""

import logging

from odoo import models
from odoo.tools import config

from ..lib.limits import STEP_S

_logger = logging.getLogger(__name__)


def short_limits():
    """Return the limits of the server that leave a step too little time.

    :return: dict, the name of each in Odoo's configuration to its seconds
    """
    workers = config["workers"]
    names = ("limit_time_real", "limit_time_cpu") if workers else ("limit_time_real",)
    # 0 is no limit to a server without workers; with them it ends each request at once.
    limited = [name for name in names if workers or config[name]]
    return {name: config[name] for name in limited if config[name] < STEP_S}


class ClouderJob(models.Model):
    """Jobs run as requests do, so the limits of requests are theirs, too."""

    _inherit = "clouder.job"

    def _register_hook(self):
        """Warn at the start of limits that would end the server in a step."""
        super()._register_hook()
        for name, seconds in short_limits().items():
            _logger.warning(
                "%s = %s in Odoo's configuration ends the server in the middle of a "
                "job whose step takes longer; a step may take %s seconds. Set %s to "
                "%s or more and start again.",
                name,
                seconds,
                STEP_S,
                name,
                STEP_S,
            )
