from odoo import api, models


class ClouderServiceLink(models.Model):
    _name = "clouder.service.link"
    _inherit = ["clouder.service.line", "clouder.link.mixin"]
    _description = "Service Link"
    _order = "service_id, id"

    _owner_field = "service_id"
    _consumer_field = "service_id"

    def _owner(self):
        return self.service_id

    def _consumer(self):
        return self.service_id

    @api.model
    def _busy_owners(self, busy):
        return ["!", (self._owner_field, "child_of", busy["clouder.service"])]

    def _suggested(self, name):
        if name == "target" and self.application_link_id:
            return self._owner()._choose_target(self.application_link_id)
        return super()._suggested(name)
