from odoo import api, fields, models


class ClouderContainer(models.Model):
    """What was seen of a service's container on its node."""

    _name = "clouder.container"
    _description = "Container"
    _order = "name"

    service_id = fields.Many2one(
        "clouder.service", required=True, ondelete="cascade", index=True
    )
    node_id = fields.Many2one("clouder.node", ondelete="cascade", index=True)
    name = fields.Char(required=True)
    engine_ref = fields.Char(string="Container id")
    image_digest = fields.Char()
    spec_digest = fields.Char(help="Keyed digest of what was wanted when it was made.")
    spec_summary = fields.Json(help="What was wanted, without secrets.")
    state = fields.Char()
    health = fields.Char()
    started_at = fields.Datetime()
    observed_at = fields.Datetime()

    _service_uniq = models.Constraint(
        "UNIQUE (service_id)", "A service has one container."
    )

    @api.model
    def _for_service(self, service):
        found = self.search([("service_id", "=", service.id)])
        return found or self.create(
            {
                "service_id": service.id,
                "name": service.name,
                "node_id": service.node_id.id,
            }
        )

    @api.model
    def _note_spec(self, service, spec, key):
        """Note the wanted container that was just ensured.

        :param spec: :class:`~odoo.addons.clouder.lib.spec.ContainerSpec`
        :param bytes key: key of the digest
        """
        container = self._for_service(service)
        digest = spec.digest(key)
        if container.spec_digest != digest:
            container.write({"spec_digest": digest, "spec_summary": spec.summary(key)})

    @api.model
    def _note_observed(self, service, seen):
        """Note what the runner saw.

        :param dict seen: engine_ref, image_digest, state, health, started_at; empty when
            there is no container
        """
        container = self._for_service(service)
        names = ("engine_ref", "image_digest", "state", "health", "started_at")
        values = {name: seen.get(name) or False for name in names}
        changed = {name: new for name, new in values.items() if container[name] != new}
        container.write({**changed, "observed_at": fields.Datetime.now()})
