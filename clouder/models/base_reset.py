from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from .base_own_service import GONE


class ClouderBase(models.Model):
    """A base whose data is replaced by a harmless copy of another one's."""

    _inherit = "clouder.base"

    @api.constrains("reset_id")
    def _check_reset(self):
        for base in self.filtered("reset_id"):
            if base.reset_id == base or base.reset_id.type_id != base.type_id:
                raise ValidationError(
                    self.env._(
                        "Base %s can only be reset from another base of the same type.",
                        base.fulldomain,
                    )
                )

    def reset(self, source_id=False):
        """Replace the data of this base by a neutralised copy of another one.

        :param int source_id: id of the base to copy; without it the one of ``reset_id``
        :return: the id of the job, as :meth:`deploy`
        :raise UserError: no base is chosen, it has no data, or this one is not deployed,
            or busy
        """
        self.ensure_one()
        self._check_deployed()
        if source_id:
            source = self.browse(source_id)
            source.check_access("read")
            self.reset_id = source
        if not self.reset_id:
            raise UserError(
                self.env._("Choose the base that %s is reset from.", self.fulldomain)
            )
        # sudo: the user may reset from it; whether it has data is all that is looked at
        self.reset_id.sudo()._check_has_data()
        return self._request("reset", "running")

    def _has_data(self):
        """Tell whether this base has data of its own.

        A purged one has none: by now its names may be those of somebody else's data.
        """
        return bool(self.deployed_at) and self.state not in GONE

    def _check_has_data(self):
        if not self._has_data():
            raise UserError(
                self.env._(
                    "Nothing can be copied from %s: it was purged, or never deployed. "
                    "Choose another base.",
                    self.fulldomain,
                )
            )

    @api.model
    def _requests(self):
        return super()._requests() | {"reset": type(self).reset}

    @api.model
    def _cron_reset(self):
        """Queue the daily reset of the bases that ask for it."""
        bases = self.search(
            [
                ("reset_each_day", "=", True),
                ("reset_id", "!=", False),
                ("state", "=", "running"),
            ]
        )
        bases._keep_up(
            "reset", lambda base: base.reset(), "clouder.clouder_base_cron_reset"
        )

    def action_reset(self):
        self.reset()
        return True
