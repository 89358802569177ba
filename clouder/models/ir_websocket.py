import re

from odoo import models

CHANNEL = re.compile(r"clouder\.job_(\d{1,18})")


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Grant the channel of a job to those who may read the job."""
        asked = {
            channel: CHANNEL.fullmatch(channel)
            for channel in channels
            if isinstance(channel, str)
        }
        ids = [int(match[1]) for match in asked.values() if match]
        jobs = self.env["clouder.job"]
        if ids and self.env.user._is_internal():
            jobs = jobs.browse(ids).exists()._filtered_access("read")
        others = [channel for channel in channels if not asked.get(channel)]
        return super()._build_bus_channel_list([*others, *jobs])
