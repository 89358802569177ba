"""What a customer sees of the jobs of his instances."""

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.clouder.models.job import ENDED_STATES

# What commands print, and what went wrong, is about the machinery: nodes, containers,
# addresses. It is for those who run it.
SHOWN_LEVELS = ("info",)
# These steps work for several bases at once: they may name those of others.
SHARED_HOOKS = ("base_publish",)
LINES = 500


class ClouderJob(models.Model):
    _inherit = "clouder.job"

    @api.model
    def _portal_actions(self):
        """Return what customers read for the actions of a base."""
        return {
            "deploy": self.env._("Set up"),
            "update": self.env._("Update"),
            "reset": self.env._("Reset the data"),
            "restart": self.env._("Restart"),
            "start": self.env._("Start"),
            "stop": self.env._("Stop"),
            "publish": self.env._("Publish"),
            "aliases": self.env._("Own domains"),
            "certify": self.env._("Certificate"),
            "certify own domains": self.env._("Certificates of own domains"),
            "suspend": self.env._("Suspend"),
            "resume": self.env._("Resume"),
            "purge": self.env._("Delete"),
        }

    def _portal_title(self):
        return self._portal_actions().get(self.action) or self.env._("Maintenance")

    def _portal_word(self):
        """Return the word for the state of this job, and its colour."""
        return {
            "pending": (self.env._("Waiting"), "secondary"),
            "running": (self.env._("Under way"), "info"),
            "retrying": (self.env._("Trying again"), "warning"),
            "done": (self.env._("Done"), "success"),
            "failed": (self.env._("Failed"), "danger"),
            "cancelled": (self.env._("Cancelled"), "secondary"),
        }[self.state]

    def _portal_error(self):
        """Return where this job stopped, or that it waits; the reason is for the house."""
        if self.state == "retrying":
            return self.env._("It has to wait, and goes on by itself.")
        if self.state != "failed":
            return ""
        failed = self.step_ids.filtered(lambda step: step.state == "failed")[:1]
        if failed:
            return self.env._("It stopped at: %s.", failed.name)
        return self.env._("It could not be started.")

    def _portal_lines(self, offset):
        """Return the log lines for customers that came after line id ``offset``."""
        domain = Domain("job_id", "=", self.id) & Domain("id", ">", offset)
        domain &= Domain("level", "in", SHOWN_LEVELS)
        domain &= Domain("step_id", "=", False) | Domain(
            "step_id.hook", "not in", SHARED_HOOKS
        )
        return self.env["clouder.job.line"].search(domain, limit=LINES)

    def _portal_status(self, offset=0):
        """Return how this job goes, and what its log says since line ``offset``.

        :param int offset: id of the last line already seen, 0 for the start
        :return: dict for JSON; ``offset`` is the one to ask with next, ``more`` tells
            that there are further lines already
        """
        self.ensure_one()
        word, colour = self._portal_word()
        lines = self._portal_lines(offset)
        return {
            "state": self.state,
            "word": word,
            "colour": colour,
            "ended": self.state in ENDED_STATES,
            "progress": self.progress,
            "step": self.current_step or "",
            "error": self._portal_error(),
            "steps": [{"name": one.name, "state": one.state} for one in self.step_ids],
            "lines": [
                {
                    "time": fields.Datetime.to_string(line.create_date) + "Z",
                    "level": line.level,
                    "text": line.text,
                }
                for line in lines
            ],
            "offset": lines[-1:].id or offset,
            "more": len(lines) == LINES,
        }
