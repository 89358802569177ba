from odoo import api, models
from odoo.exceptions import UserError

from .job_queue import QueueFull


class ClouderService(models.Model):
    """Newer images: noticed, taken, and passed on to the bases."""

    _inherit = "clouder.service"

    def _update_image(self):
        """Point this service to a newer version of its image, when there is one."""
        self._ensure_image()
        newest = self.image_id._refresh(self.node_id, self.application_id)
        if newest == self.image_version_id:
            self.env["clouder.job"]._log(f"{self.name}: the image is up to date")
            return
        self.env["clouder.job"]._log(
            f"{self.name}: {self.image_version_id.name} → {newest.name}"
        )
        self.image_version_id = newest

    def _hook_turns(self, hook):
        """Have the services of one image look for a newer one in turn.

        So the next one finds what the first one found, and nobody builds it twice.
        """
        turns = super()._hook_turns(hook)
        image = self.image_id
        if hook != "service_update" or not image:
            return turns
        said = self.env._(
            "Waits for a newer version of %s, which is built.", image.name
        )
        return turns | {f"{image._name},{image.id}": said}

    def _update_bases(self):
        """Queue the update of the bases that this service's code runs.

        They may be many, so it is upkeep, whoever asked for the update of the service.
        """
        bases = (self | self._ancestors()).base_ids
        for base in bases.filtered(lambda one: one._follows_code())._for_upkeep():
            try:
                base._enqueue("update")
            except QueueFull as error:
                self.env["clouder.job"]._log(str(error), "warning")
                break
            except UserError as error:
                # The hourly look for bases with older code takes it up again.
                self.env["clouder.job"]._log(f"{base.fulldomain}: {error}", "warning")

    @api.model
    def _cron_update(self):
        """Queue the daily update of the services whose application asks for it."""
        services = self.search(
            [
                ("application_id.update_strategy", "=", "always"),
                ("wanted", "=", "running"),
                ("deployed_at", "!=", False),
            ]
        )
        services._keep_up(
            "update",
            lambda service: service._enqueue("update"),
            "clouder.clouder_service_cron_update",
        )
