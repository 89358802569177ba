"""What a name server may hold of a base, whatever became of its answer."""

import json

from odoo import SUPERUSER_ID, api, fields, models

from odoo.addons.clouder.models.job_log import commit_early

from ..lib.records import from_lines, to_lines


class ClouderDnsSent(models.Model):
    """Records that were about to be sent to a name server for a link.

    They are written through a cursor of their own before the server hears of them. So
    neither an answer that is lost nor a step that is rolled back leaves records that
    nobody knows.
    """

    _name = "clouder.dns.sent"
    _description = "Records Sent"
    _log_access = False
    _order = "id"
    _rec_name = "zone"

    link_id = fields.Many2one(
        "clouder.base.link",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    zone = fields.Char(required=True, readonly=True)
    records = fields.Json(required=True, readonly=True)


class ClouderBaseLink(models.Model):
    _inherit = "clouder.base.link"

    def _is_live(self):
        """Tell whether the target may hold something, be it of a step rolled back."""
        return super()._is_live() or bool(self._sent())

    def _sent(self):
        """Return what was noted before it was sent (``clouder.dns.sent``, sudo)."""
        # sudo: only Clouder itself writes and reads these
        return self.env["clouder.dns.sent"].sudo().search([("link_id", "in", self.ids)])

    def _known_records(self):
        """Return all that the server may hold of this link (dict of a zone to records)."""
        self.ensure_one()
        facts, lines = self._facts(), {}
        said = [(facts.get("zone"), facts.get("records"))]
        for zone, records in [
            *said,
            *((one.zone, one.records) for one in self._sent()),
        ]:
            if records:
                lines.setdefault(zone, set()).update(map(tuple, records))
        return {zone: from_lines(sorted(found)) for zone, found in lines.items()}

    def _note_sending(self, zone, records):
        """Note for good that the server is about to hear of ``records``.

        What is known already is not noted again, so this costs nothing where nothing is
        new.

        :param str zone: the zone they are in
        """
        self.ensure_one()
        known = set(map(tuple, to_lines(self._known_records().get(zone, {}))))
        new = [line for line in to_lines(records) if tuple(line) not in known]
        if not new:
            return
        with self.env.registry.cursor() as cr:
            # Only a power cut at this very moment could lose it.
            commit_early(cr)
            # sudo: a cursor of its own: it counts even when the step is rolled back
            sent = api.Environment(cr, SUPERUSER_ID, {})["clouder.dns.sent"]
            sent.create({"link_id": self.id, "zone": zone, "records": new})

    def _forget_records(self):
        """Note that the server holds nothing of this link any more."""
        self._sent().unlink()
        facts = self._facts()
        if facts.get("records"):
            self.facts = json.dumps({**facts, "records": []}, sort_keys=True)
