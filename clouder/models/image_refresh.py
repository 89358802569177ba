from odoo import fields, models

# How long nobody asks again in the course of upkeep.
FRESH_HOURS = 12


class ClouderImage(models.Model):
    """Newer releases of what an image is made of."""

    _inherit = "clouder.image"

    def _refresh(self, node, application):
        """Return the newest version; a new one when something in it has a newer release.

        An image that is pulled is pulled again and compared. One that is built is built
        again when its recipe, what it is built on, or one of its packages changed.

        :param node: ``clouder.node`` to look at and to build on
        :param application: ``clouder.application`` that names the new version
        """
        self.ensure_one()
        newest = self._newest_version()
        if not newest._placement(node).digest:
            return newest
        reasons = self._reasons_to_refresh(newest, node)
        if not reasons:
            return newest
        log = self.env["clouder.job"]._log
        log(f"{self.name}: {', '.join(reasons)}")
        version = self._new_version(application)
        runner = self.env["clouder.runner"]._get(node.runner)
        runner.image_ensure(version, node, fresh=True)
        version._placement(node)._note_newest()
        return version

    def _reasons_to_refresh(self, version, node):
        """Return why ``version`` is no longer the newest (list of str, empty: it is).

        Upkeep asks once in a night, however many services have this version there.
        """
        if version.dockerfile != self._dockerfile() and not version.pull_reference:
            return [self.env._("the recipe changed")]
        placement = version._placement(node)
        if self.env["clouder.job"]._is_in_upkeep() and placement._was_newest():
            return []
        reasons = self._driver().image_packages_outdated(version, node)
        if not reasons:
            placement._note_newest()
        return reasons


class ClouderImagePlacement(models.Model):
    _inherit = "clouder.image.placement"

    def _was_newest(self):
        """Tell whether this version was found up to date in the same night."""
        began = fields.Datetime.subtract(fields.Datetime.now(), hours=FRESH_HOURS)
        return bool(self.newest_at) and self.newest_at > began

    def _note_newest(self):
        """Note that this version is up to date."""
        self.newest_at = fields.Datetime.now()
