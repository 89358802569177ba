from odoo import api, models


class ClouderDriver(models.AbstractModel):
    _inherit = "clouder.driver"

    @api.model
    def _phases(self):
        return super()._phases() | {
            ("clouder.image.version", "build"): ("image_build",),
        }

    @api.model
    def _titles(self):
        return super()._titles() | {"image_build": self.env._("Build the image")}

    @api.private
    def image_dockerfile(self, image):
        """Return the body of the Dockerfile of an image whose record has none.

        :param image: ``clouder.image``
        :return: str, the lines after FROM
        """
        return ""

    @api.private
    def image_files(self, image):
        """Return the files beside the Dockerfile that its COPY lines name.

        :return: list of :class:`~odoo.addons.clouder.lib.spec.File`
        """
        return []

    @api.private
    def image_build(self, version):
        """Build an image version on its nodes, or pull it there."""
        version._build_everywhere()

    @api.private
    def image_packages_outdated(self, version, node):
        """Return the packages of an image version that have a newer release.

        The default asks Debian's package manager in a throw-away container.

        :return: list of str; empty when the image is up to date
        """
        runner = self.env["clouder.runner"]._get(node.runner)
        return runner.image_outdated(version, node)
