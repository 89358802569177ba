import dataclasses
import hashlib
import importlib.metadata
import pathlib

from odoo import api, models
from odoo.modules.module import get_module_path

from odoo.addons.clouder.lib.spec import File
from odoo.addons.clouder_template_odoo.drivers.odoo import DATA_DIR
from odoo.addons.clouder_template_postgres.lib.render import render

ADDON = pathlib.Path(__file__).parents[1]
IMAGE = ADDON / "image"
# Addons of others that ours depend on; everything else comes with Odoo.
FOREIGN = ("queue_job",)
# What these need and Debian does not have; pure Python.
LIBRARIES = ("openupgradelib", "publicsuffixlist")
# Loaded by the server itself, for all databases.
HOSTED = "clouder_hosted"
SERVER_WIDE = ("queue_job", HOSTED)
NOT_SENT = ("tests", "__pycache__")


class ClouderDriverClouder(models.AbstractModel):
    """Clouder as an application: an Odoo with these very addons among its modules."""

    _name = "clouder.driver.clouder"
    _inherit = "clouder.driver.odoo"
    _description = "Clouder Driver"

    @api.private
    def image_dockerfile(self, image):
        """Return how Odoo is built, with the libraries of Clouder; or the modules.

        Its last line names a digest of the files: other files are another recipe.
        """
        text = "COPY addons /opt/odoo/addons\n"
        if not self._holds_modules(image):
            further = (IMAGE / "Dockerfile").read_text()
            text = f"{super().image_dockerfile(image)}\n{further}"
        total = hashlib.sha256()
        for file in self.image_files(image):
            total.update(f"{file.path}\0".encode() + file.content + b"\0")
        return f"{text}LABEL clouder.files={total.hexdigest()}\n"

    @api.private
    def image_files(self, image):
        if not self._holds_modules(image):
            return super().image_files(image) + self._libraries()
        return [
            File(
                path=f"/addons/{folder.name}/{path.relative_to(folder)}",
                content=path.read_bytes(),
            )
            for folder in self._modules()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and self._is_sent(path.relative_to(folder))
        ]

    @api.model
    def _libraries(self):
        """Return the files of the libraries that Debian does not have, from here."""
        return [
            File(path=f"/libraries/{path}", content=path.read_binary())
            for name in LIBRARIES
            for path in importlib.metadata.distribution(name).files
            if ".." not in path.parts and self._is_sent(path)
        ]

    @api.model
    def _holds_modules(self, image):
        """Tell whether services mount the program files of this image."""
        return bool(image.volume_ids)

    @api.model
    def _is_sent(self, path):
        return not any(part.startswith(".") or part in NOT_SENT for part in path.parts)

    @api.model
    def _modules(self):
        """Return the folders of the modules that a hosted Clouder can install."""
        ours = pathlib.Path(get_module_path("clouder")).parent.glob("clouder*")
        return [
            *sorted(path for path in ours if (path / "__manifest__.py").exists()),
            *(pathlib.Path(get_module_path(name)) for name in FOREIGN),
            IMAGE / HOSTED,
        ]

    @api.private
    def service_files(self, service):
        """Return ``odoo.conf``: that of an Odoo, followed by what Clouder reads there."""
        conf, *others = super().service_files(service)
        further = render(
            ADDON / "templates/clouder.conf.j2",
            channels=int(service._option("channels")),
            data_dir=DATA_DIR,
        )
        return [dataclasses.replace(conf, content=conf.content + further), *others]

    @api.model
    def _server_wide(self):
        return (*super()._server_wide(), *SERVER_WIDE)
