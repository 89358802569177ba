"""How the links of services and bases are, in one word for lists."""

from odoo import api, fields, models

HEALTH = [
    ("broken", "Broken"),
    ("waiting", "Waiting"),
    ("working", "Working"),
]
# What one link says of the whole, by its state; the first that occurs counts.
WORDS = {
    "broken": "broken",
    "withdrawing": "waiting",
    "waiting": "waiting",
    "deploying": "waiting",
    "working": "working",
}


class ClouderLinkHealth(models.AbstractModel):
    """What services and bases say of their links."""

    _name = "clouder.link.health.mixin"
    _description = "Health of Links"

    link_health = fields.Selection(
        HEALTH,
        string="Links",
        compute="_compute_link_health",
        help="The state of the link that needs a look most.",
    )

    @api.depends("link_ids.state", "link_ids.off", "link_ids.target")
    def _compute_link_health(self):
        links = self.env[f"{self._name}.link"]
        owner = links._owner_field
        groups = links._read_group(
            [(owner, "in", self.ids), ("off", "=", False), ("target", "!=", False)],
            [owner],
            ["state:array_agg_distinct"],
        )
        states = {record.id: set(found) for record, found in groups}
        order = [name for name, _title in HEALTH]
        for record in self:
            words = {WORDS.get(state) for state in states.get(record.id, ())}
            record.link_health = next((name for name in order if name in words), False)


class ClouderService(models.Model):
    _name = "clouder.service"
    _inherit = ["clouder.service", "clouder.link.health.mixin"]


class ClouderBase(models.Model):
    _name = "clouder.base"
    _inherit = ["clouder.base", "clouder.link.health.mixin"]
