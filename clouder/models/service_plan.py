from odoo import models

from .. import keyring


class ClouderService(models.Model):
    """What a deployment would change, told beforehand."""

    _inherit = "clouder.service"

    def plan(self):
        """Return what deploying these services would change.

        :return: list of ``{"record", "change", "parts", "interruption"}``; ``change`` is
            create, replace, start or build; empty when there is nothing to do
        """
        self.check_access("read")
        plan = []
        # sudo: checked above; the sub-services belong to the service
        for service in self.sudo()._tree():
            if service._form() == "process":
                plan += service._plan_container()
            plan += [
                {
                    "record": service.name,
                    "change": "link",
                    "parts": [link.code],
                    "interruption": False,
                }
                for link in service.link_ids
                if link.state in ("waiting", "broken", "withdrawn") and link.target
            ]
        return plan

    def _plan_container(self):
        container = self.container_ids[:1]
        if not self.image_version_id:
            return [self._change("build", ["image"])]
        if not container.engine_ref:
            return [self._change("create", [])]
        key = keyring.vault().hmac_key
        spec = self._spec()
        if spec.digest(key) != container.spec_digest:
            old, new = container.spec_summary or {}, spec.summary(key)
            parts = sorted(
                name
                for name in old.keys() | new.keys()
                if old.get(name) != new.get(name)
            )
            return [self._change("replace", parts, interruption=True)]
        if container.state != "running":
            return [self._change("start", [])]
        return []

    def _change(self, change, parts, interruption=False):
        return {
            "record": self.name,
            "change": change,
            "parts": parts,
            "interruption": interruption,
        }
