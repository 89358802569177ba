from odoo import models


class ClouderBase(models.Model):
    _name = "clouder.base"
    _inherit = ["clouder.base", "clouder.certificate.mixin"]

    _certified_idx = models.Index("(id) WHERE cert_cert IS NOT NULL")

    def _certificate_names(self):
        self.ensure_one()
        host = self.fulldomain
        return (host, f"www.{host}") if self.name == "www" else (host,)

    def _hook_locks(self, hook):
        locks = super()._hook_locks(hook)
        if hook == "base_publish":
            targets = self.link_ids.filtered(lambda one: one._is_published()).target
            locks = [*locks, *(target._publish_lock() for target in targets)]
        return locks

    def _abort_hooks(self, job):
        hooks = super()._abort_hooks(job)
        return tuple(self._driver()._with_publish(hooks))
