from odoo import api, fields, models

from ..lib import names
from .name_checks import check_names, check_paths


class ClouderImagePort(models.Model):
    """A port that the containers of an image listen on."""

    _name = "clouder.image.port"
    _inherit = ["clouder.reference.mixin"]
    _description = "Image Port"
    _order = "image_id, local_port, id"

    image_id = fields.Many2one(
        "clouder.image", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True)
    local_port = fields.Integer(string="Port", required=True)
    expose = fields.Selection(
        [
            ("internet", "Internet"),
            ("local", "Other containers"),
            ("none", "Nobody"),
        ],
        required=True,
        default="local",
        help="Who reaches it: everybody through a port of the node, or linked containers.",
    )
    udp = fields.Boolean(string="UDP")
    use_hostport = fields.Boolean(
        string="Same port on the node",
        help="The node's port has the same number as the container's.",
    )

    _name_uniq = models.Constraint(
        "UNIQUE (image_id, name)", "The image has a port of this name already."
    )
    _port_uniq = models.Constraint(
        "UNIQUE (image_id, local_port, udp)", "The image has this port already."
    )
    _port_range = models.Constraint(
        "CHECK (local_port BETWEEN 1 AND 65535)", "A port is between 1 and 65535."
    )

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_tag_code)


class ClouderImageVolume(models.Model):
    """A folder of the containers of an image that lives longer than they do."""

    _name = "clouder.image.volume"
    _inherit = ["clouder.reference.mixin"]
    _description = "Image Volume"
    _order = "image_id, name, id"

    image_id = fields.Many2one(
        "clouder.image", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True)
    localpath = fields.Char(string="Path", required=True)
    user = fields.Char(help="The system user who owns the folder.")
    readonly = fields.Boolean(string="Read-only")
    no_backup = fields.Boolean(string="No backup")

    _name_uniq = models.Constraint(
        "UNIQUE (image_id, name)", "The image has a volume of this name already."
    )
    _path_uniq = models.Constraint(
        "UNIQUE (image_id, localpath)", "The image has a volume at this path already."
    )

    @api.constrains("name")
    def _check_name(self):
        check_names(self, "name", names.check_volume_line)

    @api.constrains("user")
    def _check_user(self):
        check_names(self, "user", names.check_system_user)

    @api.constrains("localpath")
    def _check_localpath(self):
        check_paths(self, "localpath")
