from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..lib.tokens import fits

ENTER_HOURS = 24
PROGRESS_DAYS = 30


class ClouderOrder(models.Model):
    """What the progress page shows and does."""

    _inherit = "clouder.order"

    def _by_progress(self, order_id, token):
        """Return the order (sudo) whose progress page has ``token``; empty for none.

        The page is there for some days: its address stays in the history of browsers.
        """
        order = self.browse(order_id).exists()
        if not order or not fits(token, order.progress_digest):
            return self.browse()
        days = self._setting("progress_days", PROGRESS_DAYS)
        since = fields.Datetime.now() - timedelta(days=days)
        return order if not days or order.confirmed_at > since else self.browse()

    def _progress(self):
        """Return what who ordered may know: no name of a machine, no error's text.

        :return: ``{"state", "progress", "steps": [{"name", "state"}], "url", "error",
            "delay", "can_enter", "can_retry"}``
        """
        self.ensure_one()
        job = self.job_id
        running = self.state == "running"
        return {
            "state": self.state,
            "progress": 100 if running else job.progress,
            "steps": [
                {"name": step.name, "state": step.state} for step in job.step_ids
            ],
            "url": (self.base_id.url or "") if running else "",
            "error": self._shown_error(),
            "delay": self._shown_delay(),
            "can_enter": self._can_enter(),
            "can_retry": self.state == "failed" and self.application_id._is_orderable(),
        }

    def _shown_error(self):
        """Return in one sentence what went wrong, without the inside of the machinery."""
        if self.state == "cancelled":
            return self.error or ""
        if self.state != "failed":
            return ""
        if self.failed_step:
            return self.env._("It stopped at: %s.", self.failed_step)
        return self.env._("It could not be started.")

    def _shown_delay(self):
        """Return in words what an order waits for whose instance nobody reaches yet."""
        if self.state != "deploying" or not self.error:
            return ""
        return self.env._(
            "It runs, but its address does not answer yet. We have been told and look "
            "into it; you get a mail when your instance is ready."
        )

    def _can_enter(self):
        """Tell whether the one-time way in can still be used."""
        return bool(
            self.state == "running"
            and self.base_id.state == "running"
            and not self.entered_at
            and self.running_at
            and self.running_at > fields.Datetime.now() - timedelta(hours=ENTER_HOURS)
        )

    def _enter(self):
        """Return the address that leads into the instance, once.

        :raise UserError: it was used, or its time is over
        """
        self.ensure_one()
        if not self._can_enter():
            raise UserError(self.env._("The one-time way in was used, or is too old."))
        self.entered_at = fields.Datetime.now()
        # Two clicks at once: the second one's update is refused, and tried again.
        self.flush_recordset()
        return self.base_id.login_once()
